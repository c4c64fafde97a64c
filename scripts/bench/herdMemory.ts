import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { kubeletEnvironment } from "../../test/support/kubeletEnvironment.ts";

const MIB = 1024;
/** They have a whole run's time, 25 s, in which they wait for one answer; by then the slowest has started. */
const SETTLE_MS = 12_000;

export interface HerdMemory {
  /** What the herd takes together, a page that several share counted once (PSS). */
  readonly togetherMiB: number;
  /** Each process's peak resident memory, added up, what is shared counted every time. */
  readonly sumOfPeaksMiB: number;
}

/**
 * The memory of `count` processes that are all there at once. The command must be one that waits for an answer that
 * does not come; it is ended.
 */
export async function herdMemory(command: string[], stdin: string, count: number): Promise<HerdMemory> {
  const children = Array.from({ length: count }, () =>
    Bun.spawn(command, {
      stdin: Buffer.from(stdin),
      stdout: "ignore",
      stderr: "ignore",
      env: { ...kubeletEnvironment },
      cwd: "/",
    }),
  );
  await sleep(SETTLE_MS);
  const sum = (file: string, field: string) =>
    children.reduce((total, { pid }) => total + kib(`/proc/${pid}/${file}`, field), 0) / MIB;
  const memory = { togetherMiB: sum("smaps_rollup", "Pss"), sumOfPeaksMiB: sum("status", "VmHWM") };
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(children.map(({ exited }) => exited));
  return memory;
}

function kib(file: string, field: string): number {
  const [, value] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(file, "utf8")) ?? [];
  if (value === undefined) throw new Error(`${file} has no ${field}: the process has ended`);
  return Number(value);
}
