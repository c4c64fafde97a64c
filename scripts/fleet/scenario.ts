import { Fleet, type FleetOptions } from "./fleet.ts";
import { Kubelet } from "./kubelet.ts";
import type { Measures } from "./measures.ts";
import { bootAt, bootPods, chancePods, cronPods } from "./workload.ts";

const MINUTE = 60_000;
/** A fleet is switched on within this time. */
const BOOT_WITHIN_MS = MINUTE;
const BOOT_HORIZON_MS = 6 * 60 * MINUTE;
const TOKEN_LIFE_MS = 60 * MINUTE;
/** The outage, from the start of the observation, and how long the fleet is watched after it. */
export const outageMs = { after: 5 * MINUTE, lasts: 30 * MINUTE, watched: 30 * MINUTE };

export const scenarios = ["boot", "steady", "outage"] as const;
export type Scenario = (typeof scenarios)[number];

export interface ScenarioOptions extends Pick<FleetOptions, "nodes" | "plugin" | "seed" | "config"> {
  /** Calls a second that the API answers. */
  readonly limit: number;
  /** How long the steady state is watched. */
  readonly steadyMs: number;
}

/** What happened in [from, to) ms of simulated time. */
export interface Observation {
  readonly measures: Measures;
  readonly from: number;
  readonly to: number;
}

export const simulate: Record<Scenario, (options: ScenarioOptions) => Observation> = {
  boot,
  steady,
  outage,
};

/** All nodes come up within a minute, without a token; until every pod has credentials. */
function boot({ limit, ...options }: ScenarioOptions): Observation {
  const fleet = new Fleet({ ...options, api: { limit, limitedFrom: 0 } });
  for (let node = 0; node < options.nodes; node++) {
    bootAt(fleet, new Kubelet(fleet), fleet.random.between(0, BOOT_WITHIN_MS));
  }
  const { measures, time } = fleet;
  time.run(BOOT_WITHIN_MS + bootPods.withinMs);
  time.run(BOOT_HORIZON_MS, () => measures.podsPending === 0);
  return { measures, from: 0, to: time.now };
}

/** A fleet that has just got its tokens, all within a minute or as fast as the API gave them, goes on for hours. */
function steady({ limit, steadyMs, ...options }: ScenarioOptions): Observation {
  const from = Math.max(BOOT_WITHIN_MS, (options.nodes / limit) * 1000);
  const fleet = new Fleet({ ...options, api: { limit, limitedFrom: from } });
  runNodes(fleet, from);
  const to = from + steadyMs;
  fleet.time.run(to);
  return { measures: fleet.measures, from, to };
}

/** A fleet with tokens of all ages, whose API is gone for half an hour; until all is well again. */
function outage({ limit, ...options }: ScenarioOptions): Observation {
  const from = TOKEN_LIFE_MS - options.config.expiringThresholdMs;
  const start = from + outageMs.after;
  const outage = { from: start, to: start + outageMs.lasts };
  const fleet = new Fleet({ ...options, api: { limit, limitedFrom: from, outage } });
  runNodes(fleet, from);
  const to = outage.to + outageMs.watched;
  fleet.time.run(to);
  return { measures: fleet.measures, from, to };
}

/** Every node gets a token at some moment until `warm` (ms), and pods from then on. */
function runNodes(fleet: Fleet, warm: number): void {
  const kubelets = Array.from({ length: fleet.options.nodes }, () => new Kubelet(fleet));
  for (const kubelet of kubelets)
    fleet.time.at(fleet.random.between(0, warm - MINUTE / 6), () => kubelet.prefetch());
  fleet.time.run(warm);
  for (const kubelet of kubelets) {
    cronPods(fleet, kubelet);
    chancePods(fleet, kubelet);
  }
}
