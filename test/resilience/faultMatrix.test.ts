import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { expected, faultMatrix, warmCell } from "./faultMatrix.ts";
import { type FaultName, faults } from "./faults.ts";
import { faultTable } from "./faultTable.ts";
import { type CacheState, type Cell, runCell } from "./runMatrix.ts";
import { scenarios, type UpstreamOperation } from "./scenarios.ts";

const WORKERS = 6;
/** Far more than a run's 4 s, for a machine that has much else to do; the kubelet would wait for a minute. */
const MOST_MS = 20_000;

const operations = Object.keys(scenarios) as UpstreamOperation[];
const faultNames = Object.keys(faults) as FaultName[];
const clouds: Cloud[] = [];

beforeAll(async () => {
  for (let worker = 0; worker < WORKERS; worker++) clouds.push(await startCloud());
});
afterAll(async () => {
  for (const cloud of clouds) await cloud.stop();
});

type Cells = Record<string, string>;

/** All cells of one operation, several at a time; a cell that is as the table has it reads like there. */
async function observe(operation: UpstreamOperation): Promise<{ observed: Cells; wanted: Cells }> {
  const cells = faultNames.flatMap((fault) =>
    (["cold", "warm", "near"] as const).map((cache) => ({ fault, cache })),
  );
  const observed: Cells = {};
  const wanted: Cells = {};
  await Promise.all(
    clouds.map(async (cloud) => {
      for (let next = cells.shift(); next !== undefined; next = cells.shift()) {
        const { fault, cache } = next;
        const text = textOf(operation, fault, cache);
        wanted[`${fault}, ${cache}`] = text;
        observed[`${fault}, ${cache}`] = await observeCell(cloud, operation, fault, cache, text);
      }
    }),
  );
  return { observed, wanted };
}

/** Twice where it is not as expected: on a machine that is busy enough, an answer in time comes too late. */
async function observeCell(
  cloud: Cloud,
  operation: UpstreamOperation,
  fault: FaultName,
  cache: CacheState,
  text: string,
): Promise<string> {
  const first = await runCell(cloud, operation, fault, cache);
  const judged = judge(first, text);
  if (judged === text || first.wrong.length > 0) return judged;
  return judge(await runCell(cloud, operation, fault, cache), text);
}

function textOf(operation: UpstreamOperation, fault: FaultName, cache: CacheState): string {
  if (cache === "warm") return warmCell;
  const [cold = "", near = ""] = faultMatrix[operation][fault].split(" / ");
  return cache === "cold" ? cold : near;
}

function judge({ outcome, calls, ms, wrong }: Cell, text: string): string {
  if (wrong.length > 0) return wrong.join("; ");
  if (ms > MOST_MS) return `${outcome} after ${ms} ms`;
  const { outcomes, maxCalls } = expected(text);
  return outcomes.includes(outcome) && calls <= maxCalls ? text : `${outcome} ${calls}`;
}

describe("every fault of an operation, from an empty, a full and a nearly expired cache", () => {
  test.each(operations)(
    "%s",
    async (operation) => {
      const { observed, wanted } = await observe(operation);
      expect(observed).toEqual(wanted);
    },
    120_000,
  );
});

test("docs/reliability.md has the table", () => {
  const text = readFileSync(`${root}docs/reliability.md`, "utf8");
  // The whole text would be the message otherwise; `bun test/resilience/faultTable.ts` prints the right one.
  expect(text.includes(faultTable())).toBe(true);
});
