import type { Plan } from "./plan.ts";
import type { Lookup, Result } from "./result.ts";
import type { Scenario } from "./scenarios.ts";
import { type VariantName, variantNames, variants } from "./variants.ts";

type Column = readonly [heading: string, value: (result: Result) => string];

const calls: readonly Column[] = [
  ["calls/s: peak", ({ peak }) => count(peak)],
  ["99 %", ({ p99 }) => count(p99)],
  ["mean", ({ mean }) => count(mean)],
];
const pods: readonly Column[] = [
  ["pods delayed", ({ podsDelayed }) => count(podsDelayed)],
  ["pulls failed", ({ pullsFailed }) => count(pullsFailed)],
];
const slowest: readonly Column[] = [
  ["wait: 99 %", ({ waitP99 }) => `${waitP99} s`],
  ["longest", ({ waitMax }) => `${waitMax} s`],
];

/** What is shown of each scenario. */
const columns: Record<Scenario, readonly Column[]> = {
  boot: [
    ...calls,
    ["every node has a token", ({ everyNode }) => `${everyNode} s`],
    ["every pod can pull", ({ everyPod }) => `${everyPod} s`],
    ...pods,
  ],
  steady: [
    ...calls,
    ["calls/node/h", ({ callsPerNodeHour }) => callsPerNodeHour.toFixed(2)],
    ["tokens/node/h", ({ tokensPerNodeHour }) => tokensPerNodeHour.toFixed(2)],
    ...pods,
    ...slowest,
  ],
  outage: [...calls, ...pods, ...slowest],
};

/** This plugin at every size and limit of the plan. */
export function sizesTable(plan: Plan, scenario: Scenario, lookup: Lookup): string {
  const results = plan.sizes.flatMap(({ nodes, limits }) =>
    limits[scenario].map((limit) => lookup({ scenario, nodes, limit, variant: "ours" })),
  );
  return table([nodesColumn, limitColumn, ...columns[scenario]], results);
}

/** Every variant at one size and limit. */
export function ablationsTable({ ablations }: Plan, scenario: Scenario, lookup: Lookup): string {
  const results = variantNames.map((variant) => lookup({ scenario, ...ablations, variant }));
  return table([variantColumn, ...columns[scenario]], results);
}

/** This plugin and the one with none of the three, at every size. */
export function comparisonTable({ sizes }: Plan, scenario: Scenario, lookup: Lookup): string {
  const both: readonly VariantName[] = ["ours", "simple"];
  const results = sizes
    .filter(({ compared }) => compared.in.includes(scenario))
    .flatMap(({ nodes, compared: { limit } }) =>
      both.map((variant) => lookup({ scenario, nodes, limit, variant })),
    );
  return table([nodesColumn, limitColumn, variantColumn, ...columns[scenario]], results);
}

const nodesColumn: Column = ["nodes", ({ nodes }) => count(nodes)];
const limitColumn: Column = ["limit", ({ limit }) => `${count(limit)}/s`];
const variantColumn: Column = ["plugin", ({ variant }) => variants[variant].name];

/** A Markdown table, its columns aligned so that a terminal shows it as well. */
function table(columns: readonly Column[], results: readonly Result[]): string {
  const rows = [
    columns.map(([heading]) => heading),
    ...results.map((result) => columns.map(([, value]) => value(result))),
  ];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  const lines = rows.map((row) => line(row.map((cell, index) => cell.padEnd(widths[index] ?? 0))));
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** A number with as many decimals as its size deserves, thousands apart. */
function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 1 : 0 });
}
