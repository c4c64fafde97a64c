import type { Measures } from "./measures.ts";
import { type Observation, type Scenario, simulate } from "./scenarios.ts";
import { type Variant, type VariantName, variants } from "./variants.ts";

const HOUR = 60 * 60 * 1000;

/** One simulation: this scenario, for a fleet of this size, with this limit and this plugin. */
export interface Experiment {
  readonly scenario: Scenario;
  readonly nodes: number;
  /** Calls a second that the API answers. */
  readonly limit: number;
  readonly variant: VariantName;
}

/** What came out of an experiment. Times in seconds. */
export interface Result extends Experiment {
  /** Calls a second at the API, throttled ones included. */
  readonly peak: number;
  readonly p99: number;
  readonly mean: number;
  readonly callsPerNodeHour: number;
  readonly tokensPerNodeHour: number;
  /** From the first boot until every node has had a token, and until every pod has had credentials. */
  readonly everyNode: number;
  readonly everyPod: number;
  /** Pods whose first pull failed, and pulls that failed, for every 100 nodes. */
  readonly podsDelayed: number;
  readonly pullsFailed: number;
  /** How long pods waited that the kubelet could not serve from its cache: 99 % of them at most, and the longest. */
  readonly waitP99: number;
  readonly waitMax: number;
  /** Credentials used after their expiry; never anything but 0. */
  readonly expiredUses: number;
  /** By second, for the plots. */
  readonly calls: readonly number[];
  /** Share of the nodes that have had a token. */
  readonly served: readonly number[];
  /** Pods that wait after a failed pull, for every 100 nodes. */
  readonly waiting: readonly number[];
}

/** The result of an experiment of the plan. */
export type Lookup = (experiment: Experiment) => Result;

/** A result without figures: it shows the structure of tables and pictures without a simulation. */
export function emptyResult(experiment: Experiment): Result {
  const figures = {
    peak: 0,
    p99: 0,
    mean: 0,
    callsPerNodeHour: 0,
    tokensPerNodeHour: 0,
    everyNode: 0,
    everyPod: 0,
  };
  const pods = { podsDelayed: 0, pullsFailed: 0, waitP99: 0, waitMax: 0, expiredUses: 0 };
  return { ...experiment, ...figures, ...pods, calls: [0], served: [0], waiting: [0] };
}

export interface RunOptions {
  readonly seed: number;
  readonly steadyMs: number;
}

export function resultOf(experiment: Experiment, { seed, steadyMs }: RunOptions): Result {
  const variant: Variant = variants[experiment.variant];
  const { nodes, limit } = experiment;
  return summary(experiment, simulate[experiment.scenario]({ ...variant, nodes, limit, seed, steadyMs }));
}

function summary(experiment: Experiment, { measures, from, to }: Observation): Result {
  const { nodes } = experiment;
  const calls = measures.calls.between(from, to);
  const tokens = measures.tokens.between(from, to);
  const nodeHours = (nodes * (to - from)) / HOUR;
  return {
    ...experiment,
    peak: percentile(calls, 1),
    p99: percentile(calls, 0.99),
    mean: sum(calls) / calls.length,
    callsPerNodeHour: sum(calls) / nodeHours,
    tokensPerNodeHour: sum(tokens) / nodeHours,
    everyNode: secondsUntil(nodes, accumulated(measures.firstTokens.between(0, to))),
    everyPod: Math.ceil((to - from) / 1000),
    podsDelayed: (100 * measures.podsDelayed) / nodes,
    pullsFailed: (100 * measures.pullsFailed) / nodes,
    ...waits(measures),
    expiredUses: measures.expiredUses,
    calls,
    served: accumulated(measures.firstTokens.between(from, to)).map((count) => count / nodes),
    waiting: accumulated(measures.waiting.between(from, to)).map((count) => (100 * count) / nodes),
  };
}

function waits(measures: Measures): Pick<Result, "waitP99" | "waitMax"> {
  const histogram = measures.delays.between(0, measures.delays.seconds * 1000);
  return { waitP99: histogramPercentile(histogram, 0.99), waitMax: histogramPercentile(histogram, 1) };
}

function secondsUntil(count: number, counts: readonly number[]): number {
  const second = counts.findIndex((value) => value >= count);
  return second < 0 ? Number.NaN : second + 1;
}

/** The running total of values. */
function accumulated(values: readonly number[]): number[] {
  let total = 0;
  return values.map((value) => {
    total += value;
    return total;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The smallest value that at least `share` of all values do not exceed; 0 if there are none. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** The same for a histogram: the smallest index that at least `share` of the counted do not exceed. */
function histogramPercentile(counts: readonly number[], share: number): number {
  const wanted = share * sum(counts);
  let seen = 0;
  for (const [index, count] of counts.entries()) {
    seen += count;
    if (seen >= wanted && count > 0) return index;
  }
  return 0;
}
