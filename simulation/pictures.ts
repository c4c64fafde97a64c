import { svgOf } from "../scripts/plot.ts";
import { type Axis, type Line, type LinePlot, type Point, specOf } from "./linePlot.ts";
import type { Plan } from "./plan.ts";
import type { Lookup, Result } from "./result.ts";
import { outageMs, type Scenario } from "./scenarios.ts";
import { type VariantName, variants } from "./variants.ts";

const MINUTE_MS = 60_000;

/** From the palette of Okabe and Ito, which color-blind readers can tell apart. */
const colors: Readonly<Record<VariantName, string>> = {
  ours: "#0072b2",
  earlier: "#56b4e9",
  timer30: "#999999",
  timer38: "#000000",
  withoutJitter: "#cc79a7",
  withoutSharing: "#e69f00",
  withoutStale: "#009e73",
  simple: "#d55e00",
};

type Drawing = Omit<LinePlot, "title">;
type Draw = (plan: Plan, lookup: Lookup) => Drawing;

const pictures = {
  "boot-tokens.svg": { title: "Boot storm: nodes that have a token", draw: bootTokens },
  "boot-calls.svg": { title: "Boot storm: calls", draw: bootCalls },
  "steady-calls.svg": {
    title: "Steady state: calls in the busiest second of each minute",
    draw: steadyCalls,
  },
  "cost.svg": { title: "Steady state: what a node costs the API", draw: cost },
  "outage-waiting.svg": {
    title: "No API for 30 minutes: pods that wait for credentials",
    draw: outageWaiting,
  },
  "outage-calls.svg": {
    title: "No API for 30 minutes: calls in the busiest second of each minute",
    draw: outageCalls,
  },
} satisfies Record<string, { title: string; draw: Draw }>;
export type PictureName = keyof typeof pictures;
export const pictureNames = Object.keys(pictures) as PictureName[];

export function titleOf(name: PictureName): string {
  return pictures[name].title;
}

/** Draws the results of a plan. Returns an SVG document. */
export function pictureOf(name: PictureName, plan: Plan, lookup: Lookup): Promise<string> {
  const { title, draw } = pictures[name];
  return svgOf(specOf({ title, ...draw(plan, lookup) }));
}

/** What stays of a picture when its figures are taken away: titles, axes and legend, a line each. */
export function wordsOf(svg: string): string {
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text ?? "");
  return texts.filter((text) => /[a-z]/.test(text)).join("\n");
}

const sinceBoot: Axis = { title: "seconds since the first node came up" };

function bootTokens(plan: Plan, lookup: Lookup): Drawing {
  const results = resultsOf(plan, lookup, "boot", ["ours", "withoutSharing", "simple"]);
  return {
    subtitle: fleetOf(plan),
    x: sinceBoot,
    y: { title: "nodes with a token (%)" },
    lines: results.map((result) => lineOf(result, bySecond(result.served.map((share) => 100 * share)))),
  };
}

function bootCalls(plan: Plan, lookup: Lookup): Drawing {
  const results = resultsOf(plan, lookup, "boot", ["ours", "withoutSharing", "simple"]);
  return callsOf(plan, results, sinceBoot, ({ calls }) => bySecond(calls));
}

function steadyCalls(plan: Plan, lookup: Lookup): Drawing {
  const results = resultsOf(plan, lookup, "steady", ["ours", "timer38", "withoutJitter", "simple"]);
  const sinceTokens: Axis = { title: "minutes since every node got a token" };
  return callsOf(plan, results, sinceTokens, ({ calls }) => byMinute(calls));
}

const sinceOutage: Axis = { title: "minutes since the API went away" };
const outage = { name: "the API does not answer", from: 0, to: outageMs.lasts / MINUTE_MS };

function outageWaiting(plan: Plan, lookup: Lookup): Drawing {
  const results = resultsOf(plan, lookup, "outage", ["ours", "earlier", "timer38", "withoutStale", "simple"]);
  return {
    subtitle: fleetOf(plan),
    x: sinceOutage,
    y: { title: "waiting pods per 100 nodes" },
    lines: results.map((result) => lineOf(result, sinceStart(result.waiting))),
    shade: outage,
  };
}

function outageCalls(plan: Plan, lookup: Lookup): Drawing {
  const results = resultsOf(plan, lookup, "outage", ["ours", "withoutStale", "simple"]);
  const calls = callsOf(plan, results, sinceOutage, (result) => sinceStart(result.calls));
  return { ...calls, shade: outage };
}

/** Calls a second at the API, a line for each result, and what the API answers of them. */
function callsOf(
  plan: Plan,
  results: readonly Result[],
  x: Axis,
  points: (result: Result) => Point[],
): Drawing {
  return {
    subtitle: fleetOf(plan),
    x,
    y: callsPerSecond(results),
    lines: results.map((result) => lineOf(result, points(result))),
    limit: limitOf(plan),
  };
}

/** What a node costs the API as the fleet grows, at the highest limit that every size has. */
function cost({ sizes }: Plan, lookup: Lookup): Drawing {
  const limits = sizes.map((size) => size.limits.steady);
  const limit = Math.max(...limits.flat().filter((value) => limits.every((some) => some.includes(value))));
  const results = sizes.map(({ nodes }) => lookup({ scenario: "steady", nodes, limit, variant: "ours" }));
  const points = (value: (result: Result) => number) =>
    results.map((result) => ({ x: result.nodes, y: value(result) }));
  const calls = points(({ callsPerNodeHour }) => callsPerNodeHour);
  const tokens = points(({ tokensPerNodeHour }) => tokensPerNodeHour);
  return {
    subtitle: `the API answers ${limit.toLocaleString("en-US")} calls/s`,
    x: { title: "nodes", scale: { type: "log" }, axis: { values: sizes.map(({ nodes }) => nodes) } },
    y: { title: "per node and hour", axis: { tickCount: 5 } },
    lines: [
      { name: "tokens issued", color: colors.withoutStale, points: tokens },
      { name: "calls, throttled ones included", color: colors.ours, points: calls },
    ],
  };
}

function resultsOf(
  { ablations }: Plan,
  lookup: Lookup,
  scenario: Scenario,
  names: readonly VariantName[],
): Result[] {
  return names.map((variant) => lookup({ scenario, ...ablations, variant }));
}

function fleetOf({ ablations: { nodes, limit } }: Plan): string {
  return `${nodes.toLocaleString("en-US")} nodes; the API answers ${limit} calls/s`;
}

function limitOf({ ablations }: Plan): NonNullable<LinePlot["limit"]> {
  return { name: "what the API answers", y: ablations.limit };
}

function lineOf({ variant }: Result, points: readonly Point[]): Line {
  return { name: variants[variant].name, color: colors[variant], points };
}

function bySecond(values: readonly number[]): Point[] {
  return values.map((y, x) => ({ x, y }));
}

/** The greatest value of each minute, for values by second. The first minute is `start`. */
function byMinute(values: readonly number[], start = 0): Point[] {
  const minutes = Array.from({ length: Math.ceil(values.length / 60) }, (_, minute) => minute);
  return minutes.map((minute) => ({
    x: start + minute,
    y: Math.max(...values.slice(60 * minute, 60 * (minute + 1))),
  }));
}

/** The same of an outage, which begins at 0. */
function sinceStart(values: readonly number[]): Point[] {
  return byMinute(values, -outageMs.after / MINUTE_MS);
}

/** A logarithmic axis that has a zero, up to a power of ten. */
function callsPerSecond(results: readonly Result[]): Axis {
  const decades = Math.ceil(Math.log10(Math.max(10, ...results.map(({ peak }) => peak))));
  const powers = Array.from({ length: decades + 1 }, (_, power) => 10 ** power);
  return {
    title: "calls per second at the API",
    scale: { type: "symlog", domain: [0, 10 ** decades] },
    axis: { values: [0, ...powers] },
  };
}
