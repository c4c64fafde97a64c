import type { Plan } from "./plan.ts";
import { type Axis, type Line, type Plot, svgOf } from "./plot.ts";
import type { Lookup, Result } from "./result.ts";
import { outageMs } from "./scenarios.ts";
import { type VariantName, variants } from "./variants.ts";

const MINUTE = 60;
const MAX_POINTS = 400;

/** The pictures by file name. */
export function plotsOf(plan: Plan, lookup: Lookup): Record<string, string> {
  return {
    "boot-tokens.svg": svgOf(bootTokens(plan, lookup)),
    "boot-calls.svg": svgOf(bootCalls(plan, lookup)),
    "steady-calls.svg": svgOf(steadyCalls(plan, lookup)),
    "outage-waiting.svg": svgOf(outageWaiting(plan, lookup)),
    "outage-calls.svg": svgOf(outageCalls(plan, lookup)),
    "cost.svg": svgOf(cost(plan, lookup)),
  };
}

function bootTokens(plan: Plan, lookup: Lookup): Plot {
  const results = compare(plan, lookup, "boot", ["ours", "withoutSharing", "simple"]);
  return {
    title: `Boot storm: ${fleetOf(plan)}`,
    x: time("seconds since the first node came up", longest(results), 1),
    y: { label: "nodes with a token (%)", from: 0, to: 100, ticks: [0, 25, 50, 75, 100] },
    lines: results.map((result) =>
      bySecond(
        result,
        result.served.map((share) => 100 * share),
        1,
      ),
    ),
  };
}

function bootCalls(plan: Plan, lookup: Lookup): Plot {
  const results = compare(plan, lookup, "boot", ["ours", "withoutSharing", "simple"]);
  const x = time("seconds since the first node came up", longest(results), 1);
  return {
    title: `Boot storm: ${fleetOf(plan)}`,
    x,
    y: rate(results),
    lines: [...results.map((result) => bySecond(result, result.calls, 1)), limitLine(plan, x)],
  };
}

function steadyCalls(plan: Plan, lookup: Lookup): Plot {
  const results = compare(plan, lookup, "steady", ["ours", "withoutJitter", "simple"]);
  const x = time("minutes since every node got a token", longest(results), MINUTE);
  return {
    title: `Steady state, busiest second of each minute: ${fleetOf(plan)}`,
    x,
    y: rate(results),
    lines: [...results.map((result) => bySecond(result, result.calls, MINUTE)), limitLine(plan, x)],
  };
}

function outageWaiting(plan: Plan, lookup: Lookup): Plot {
  const results = compare(plan, lookup, "outage", ["ours", "earlier", "withoutStale", "simple"]);
  return {
    title: `No API for 30 minutes: ${fleetOf(plan)}`,
    x: sinceOutage(results),
    y: linear(
      "pods waiting for credentials per 100 nodes",
      Math.max(...results.flatMap(({ waiting }) => waiting)),
    ),
    lines: results.map((result) => afterOutage(bySecond(result, result.waiting, MINUTE))),
  };
}

function outageCalls(plan: Plan, lookup: Lookup): Plot {
  const results = compare(plan, lookup, "outage", ["ours", "withoutStale", "simple"]);
  const x = sinceOutage(results);
  return {
    title: `No API for 30 minutes, busiest second of each minute: ${fleetOf(plan)}`,
    x,
    y: rate(results),
    lines: [
      ...results.map((result) => afterOutage(bySecond(result, result.calls, MINUTE))),
      limitLine(plan, x),
    ],
  };
}

/** What a node costs the API as the fleet grows, at the highest limit that every size has. */
function cost({ sizes }: Plan, lookup: Lookup): Plot {
  const limit = Math.max(...commonLimits(sizes));
  const results = sizes.map(({ nodes }) => lookup({ scenario: "steady", nodes, limit, variant: "ours" }));
  const nodes = results.map((result) => result.nodes);
  const line = (name: string, color: string, value: (result: Result) => number): Line => {
    return { name, color, points: results.map((result) => [result.nodes, value(result)]) };
  };
  return {
    title: `What a node costs, at ${limit} calls/s`,
    x: {
      label: "nodes",
      from: Math.min(...nodes),
      to: Math.max(...nodes, 2 * Math.min(...nodes)),
      ticks: nodes,
      isLogarithmic: true,
    },
    y: linear("per node and hour", Math.max(...results.map(({ callsPerNodeHour }) => callsPerNodeHour))),
    lines: [
      line("tokens issued", "#1a7f37", ({ tokensPerNodeHour }) => tokensPerNodeHour),
      line("calls, throttled ones included", "#0969da", ({ callsPerNodeHour }) => callsPerNodeHour),
    ],
  };
}

function commonLimits([first, ...others]: Plan["sizes"]): readonly number[] {
  return (first?.limits.steady ?? []).filter((limit) =>
    others.every(({ limits }) => limits.steady.includes(limit)),
  );
}

function compare(
  { ablations }: Plan,
  lookup: Lookup,
  scenario: Result["scenario"],
  names: readonly VariantName[],
): Result[] {
  return names.map((variant) => lookup({ scenario, ...ablations, variant }));
}

/** One point for so many seconds (more if they would be too many): the greatest value in them. */
function bySecond({ variant }: Result, values: readonly number[], seconds: number): Line {
  const step = seconds * Math.ceil(values.length / seconds / MAX_POINTS);
  const points: [number, number][] = [];
  for (let from = 0; from < values.length; from += step) {
    points.push([from / seconds, Math.max(...values.slice(from, from + step))]);
  }
  return { ...variants[variant], points };
}

function afterOutage(line: Line): Line {
  const start = outageMs.after / 60_000;
  return { ...line, points: line.points.map(([x, y]) => [x - start, y]) };
}

function sinceOutage(results: readonly Result[]): Axis {
  const start = outageMs.after / 60_000;
  const to = longest(results) / MINUTE - start;
  const ticks = [0, 10, 20, 30, 40, 50, 60].filter((tick) => tick <= to);
  return { label: "minutes since the API went away", from: -start, to, ticks };
}

function limitLine({ ablations }: Plan, x: Axis): Line {
  const points = [x.from, x.to].map((value): [number, number] => [value, ablations.limit]);
  return { name: "what the API answers", color: "#57606a", isDashed: true, points };
}

function fleetOf({ ablations: { nodes, limit } }: Plan): string {
  return `${nodes.toLocaleString("en-US")} nodes, ${limit} calls/s`;
}

function longest(results: readonly Result[]): number {
  return Math.max(...results.map(({ calls }) => calls.length));
}

function time(label: string, seconds: number, unit: number): Axis {
  const { to, ticks } = linear(label, seconds / unit);
  return {
    label,
    from: 0,
    to: Math.min(to, seconds / unit),
    ticks: ticks.filter((tick) => tick <= seconds / unit),
  };
}

/** From 0 to a round number, in about five steps. */
function linear(label: string, greatest: number): Axis {
  const rough = Math.max(greatest, 1e-9) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const steps = Math.ceil(greatest / step);
  return {
    label,
    from: 0,
    to: steps * step,
    ticks: Array.from({ length: steps + 1 }, (_, index) => index * step),
  };
}

function rate(results: readonly Result[]): Axis {
  const decades = Math.ceil(Math.log10(Math.max(10, ...results.map(({ peak }) => peak))));
  const ticks = Array.from({ length: decades + 1 }, (_, power) => 10 ** power);
  return { label: "calls per second at the API", from: 1, to: 10 ** decades, ticks, isLogarithmic: true };
}
