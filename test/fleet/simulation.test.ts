import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { structureOf } from "../../simulation/reliabilitySection.ts";
import { type Experiment, type Result, resultOf } from "../../simulation/result.ts";

const options = { seed: 7, steadyMs: 5 * 60 * 60 * 1000 };
const steady: Experiment = { scenario: "steady", nodes: 500, limit: 1000, variant: "ours" };

function run(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["run", "simulation/main.ts", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { stdout, stderr, status };
}

test("one seed gives the same bytes each time", () => {
  const first = run("--quick", "--seed", "3");
  expect(first.status).toBe(0);
  expect(first.stdout).toContain("| 1,000 |");
  expect(run("--quick", "--seed", "3").stdout).toBe(first.stdout);
  const other = run("--quick", "--seed", "4").stdout;
  expect(other).not.toBe(first.stdout);
  expect(structureOf(other)).toBe(structureOf(first.stdout));
}, 120_000);

test("the documents show the plan that the script has", () => {
  const { status, stderr } = run("--check");
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("the cost of a node does not grow with the fleet", () => {
  const costs = [250, 1000, 4000].map((nodes) => resultOf({ ...steady, nodes, limit: nodes }, options));
  const [small] = costs as [Result];
  for (const { callsPerNodeHour, tokensPerNodeHour } of costs) {
    expect(callsPerNodeHour / small.callsPerNodeHour).toBeCloseTo(1, 1);
    expect(tokensPerNodeHour).toBeLessThanOrEqual(1.25);
  }
});

test("a throttled fleet asks for no token more often than every five minutes", () => {
  const { tokensPerNodeHour, podsDelayed, expiredUses } = resultOf({ ...steady, limit: 5 }, options);
  expect(tokensPerNodeHour).toBeLessThanOrEqual(1.25);
  expect(podsDelayed).toBeLessThan(20);
  expect(expiredUses).toBe(0);
});

test("a boot storm costs one call a node, where nothing is shared one a process", () => {
  const boot = { ...steady, scenario: "boot", limit: 1000 } as const;
  const tokens = (variant: Experiment["variant"]) => {
    const { tokensPerNodeHour, everyPod } = resultOf({ ...boot, variant }, options);
    return (tokensPerNodeHour * everyPod) / 3600;
  };
  expect(tokens("ours")).toBeCloseTo(1, 1);
  expect(tokens("withoutSharing")).toBeGreaterThan(2);
  expect(tokens("simple")).toBeGreaterThan(2);
});

test("a boot storm ends when the last pod has credentials", () => {
  const { everyNode, everyPod, waitMax } = resultOf({ ...steady, scenario: "boot" }, options);
  expect(everyNode).toBeLessThanOrEqual(everyPod);
  expect(everyPod).toBeLessThanOrEqual(61 + waitMax);
});

test("stale serving spares most pods an outage, an earlier renewal nearly all", () => {
  const outage = { ...steady, scenario: "outage" } as const;
  const delayed = (variant: Experiment["variant"]) => resultOf({ ...outage, variant }, options).podsDelayed;
  expect(delayed("ours")).toBeLessThan(delayed("withoutStale") / 2);
  expect(delayed("ours")).toBeLessThan(delayed("simple") / 2);
  expect(delayed("earlier")).toBeLessThan(delayed("ours") / 2);
});

test("a timer spares every pod an outage of half an hour, at a known price and without peaks", () => {
  const outage = (variant: Experiment["variant"]) =>
    resultOf({ ...steady, scenario: "outage", variant }, options);
  expect(outage("timer38")).toMatchObject({ podsDelayed: 0, pullsFailed: 0 });
  expect(outage("timer30").podsDelayed).toBeLessThan(outage("earlier").podsDelayed);
  const [without, with38] = (["ours", "timer38"] as const).map((variant) =>
    resultOf({ ...steady, variant }, options),
  );
  expect(with38?.callsPerNodeHour).toBeGreaterThan(2);
  expect(with38?.callsPerNodeHour).toBeLessThanOrEqual(2.5);
  expect(with38?.peak).toBeLessThan((without?.peak ?? 0) / 3);
});

test("docs/prefetch.md has the figures of docs/reliability.md", () => {
  const [prefetch, reliability] = ["prefetch", "reliability"].map((name) =>
    readFileSync(`${root}docs/${name}.md`, "utf8"),
  ) as [string, string];
  const cell = (heading: string, plugin: string, column: string) => {
    const [, text = ""] = reliability.split(`### ${heading}\n`);
    const rows = (text.split("### ")[0] ?? "")
      .split("\n")
      .map((line) => line.split("|").map((each) => each.trim()));
    const head = rows.findIndex(([, first]) => first === "plugin");
    const row = rows.slice(head).find(([, first]) => first === plugin);
    return Number(row?.[rows[head]?.indexOf(column) ?? -1]);
  };
  const timer = "this plugin, --renew-before 38m";
  const [, without, withTimer, plain] =
    /without it (\S+) for each node\. The price is (\S+) calls per node, registry and hour\s+instead of (\S+),/.exec(
      prefetch,
    ) ?? [];
  expect(cell("The API is gone for 30 minutes", timer, "pods delayed")).toBe(0);
  expect(Number(without)).toBeCloseTo(
    cell("The API is gone for 30 minutes", "this plugin", "pods delayed") / 100,
    1,
  );
  expect(Number(withTimer)).toBeCloseTo(cell("Steady state", timer, "calls/node/h"), 1);
  expect(Number(plain)).toBeCloseTo(cell("Steady state", "this plugin", "calls/node/h"), 1);
});
