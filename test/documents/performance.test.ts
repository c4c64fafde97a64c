import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import data from "../../docs/performance/data.json";
import { comparisonTable } from "../../scripts/bench/peers/comparison.ts";
import type { PerformanceData, Who } from "../../scripts/bench/peers/data.ts";
import { documentOf, plotsOf } from "../../scripts/bench/peers/document.ts";
import { root } from "../../scripts/project.ts";

/** JSON has no literal types. */
const measured = data as unknown as PerformanceData;

test("docs/performance.md is what its data gives", () => {
  expect(readFileSync(`${root}docs/performance.md`, "utf8")).toBe(documentOf(measured));
});

test("so are its pictures", async () => {
  for (const [name, svg] of await plotsOf(measured)) {
    expect(readFileSync(`${root}docs/performance/${name}`, "utf8")).toBe(svg);
  }
});

describe("how ours compares", () => {
  const row = (who: Who, median: number) => ({
    task: "hit" as const,
    who,
    wallMs: { median, p95: median },
    cpuMs: median,
  });
  const table = comparisonTable({ ...measured, timings: [row("ours", 9), row("minimal", 3)], herds: [] });

  test("is a factor above 1 where ours takes longer, and none for a peer that was not measured", () => {
    expect(table).toContain("| time: a kept token | 3.00 |  |  |");
  });

  test("names a loss as often as there is one", () => {
    const factors = [...table.matchAll(/ (\d+\.\d\d)(?= \|)/g)].map(([, factor]) => Number(factor));
    const lost = factors.filter((factor) => factor > 1);
    expect(lost.length).toBeGreaterThan(0);
    expect(table).toContain(`Of ${factors.length} figures ours is the higher in ${lost.length}.`);
  });
});
