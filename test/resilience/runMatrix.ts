import { readFileSync } from "node:fs";
import type { Cloud } from "../cloud/cloud.ts";
import type { RunResult } from "../support/executable.ts";
import type { TestNode } from "../support/node.ts";
import { nearlyExpire } from "./aging.ts";
import { type FaultName, faults } from "./faults.ts";
import { acceptedPassword } from "./nodes.ts";
import { scenarioNode, scenarios, type UpstreamOperation } from "./scenarios.ts";

export type CacheState = "cold" | "warm" | "near";

/** What became of one pull. */
export interface Cell {
  /** `fresh`: a new token; `kept`: the one in the cache; else the code of the failure. */
  readonly outcome: string;
  /** How often the faulty operation was asked for. */
  readonly calls: number;
  readonly ms: number;
  /** What may never be, in words. */
  readonly wrong: readonly string[];
}

export const timeouts = { total: "4s", request: "1s" };

/** One pull with one fault of one operation, from an empty, a full or a nearly expired cache. */
export async function runCell(
  cloud: Cloud,
  operation: UpstreamOperation,
  fault: FaultName,
  cache: CacheState,
): Promise<Cell> {
  cloud.reset();
  const node = scenarioNode(cloud, operation, { timeouts });
  const { image } = scenarios[operation];
  try {
    const before = cache === "cold" ? undefined : acceptedPassword(cloud, await node.pull(image));
    if (cache === "near") await nearlyExpire(node.cacheDirectory);
    cloud.requests.length = 0;
    cloud.faults.set({ operation, ...faults[fault](cloud) });
    const result = await node.pull(image);
    return {
      outcome: outcomeOf(cloud, node, result, before),
      calls: cloud.calls(operation).length,
      ms: result.ms,
      wrong: wrongs(cloud, node, result),
    };
  } finally {
    node.remove();
  }
}

function outcomeOf(cloud: Cloud, node: TestNode, result: RunResult, before: string | undefined): string {
  if (result.status === 0) return acceptedPassword(cloud, result) === before ? "kept" : "fresh";
  const { error } = node.log().at(-1) as { error?: { code: string } };
  return error?.code ?? `exit status ${result.status}`;
}

function wrongs(cloud: Cloud, node: TestNode, { status, stdout, stderr }: RunResult): string[] {
  const printed = stderr + readFileSync(node.logFile, "utf8");
  const failed = status !== 0;
  const found: [boolean, string][] = [
    [status !== 0 && status !== 1, `exit status ${status}`],
    [failed && stdout !== "", `stdout beside a failure: ${stdout}`],
    [failed && !/^[^\n]+\n?$/.test(stderr), `stderr is not one line: ${stderr}`],
    [failed && !stderr.startsWith("unable to get credentials for "), `stderr does not begin well: ${stderr}`],
    [!failed && stderr !== "", `stderr beside an answer: ${stderr}`],
    [cloud.secrets.some((secret) => printed.includes(secret)), `a secret got out: ${printed}`],
    [cloud.calls("MetadataOther").length > 0, "a redirect was followed"],
    ...cloud.violations.map((text): [boolean, string] => [true, text]),
  ];
  return found.filter(([isWrong]) => isWrong).map(([, text]) => text);
}
