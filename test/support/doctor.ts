import { expect } from "bun:test";
import type { Cloud } from "../cloud/cloud.ts";
import type { RunOptions } from "./executable.ts";
import type { TestNode } from "./node.ts";

/** One check of `doctor --output json`. */
export interface Check {
  readonly group: string;
  readonly id: string;
  readonly status: "ok" | "warning" | "failed" | "skipped";
  readonly subject: string;
  readonly found: string;
  readonly remedy?: string;
  readonly durationMs?: number;
}

/**
 * Runs doctor and gives the checks of one group. What is promised of all of them is looked at: no secret is printed, a
 * failed check has a remedy, and the exit status says whether there is one.
 */
export async function checksOf(
  { cloud, node }: { readonly cloud: Cloud; readonly node: TestNode },
  group: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<Check[]> {
  const { stdout, stderr, status } = await node.run(["doctor", ...args, "--output", "json"], options);
  for (const secret of [...cloud.secrets, "CANARY"]) expect(stdout + stderr).not.toContain(secret);
  expect(stderr).toBe("");
  const { checks } = JSON.parse(stdout) as { checks: Check[] };
  const failed = checks.filter((check) => check.status === "failed");
  expect(status).toBe(failed.length > 0 ? 1 : 0);
  for (const { remedy = "" } of failed) expect(remedy).not.toBe("");
  return checks.filter((check) => check.group === group);
}

/** `ID STATUS` of each. */
export function statusesOf(checks: readonly Check[]): string[] {
  return checks.map(({ id, status }) => `${id} ${status}`);
}

/** The first check of this id. */
export function checkOf(checks: readonly Check[], id: string): Check {
  const check = checks.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id} among ${checks.map((one) => one.id).join(", ")}`);
  return check;
}

/** An address on loopback where nobody listens: `127.0.0.1:PORT`. */
export async function closedAddress(): Promise<string> {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const { port } = server;
  await server.stop(true);
  return `127.0.0.1:${port}`;
}
