import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { type Measured, median } from "./time.ts";

const RUNS = 5;
/** Long enough for the process to have come to its answer, however slow the machine. */
const SETTLE_MS = 400;

/**
 * The most memory (MiB) that the command has held by the time it writes its answer. What the kernel tells about
 * a finished child counts the memory of whoever started it, so the process is stopped on a full pipe and asked.
 */
export async function peakMemoryMiB(command: Measured): Promise<number> {
  const values: number[] = [];
  for (let run = 0; run < RUNS; run++) values.push(await measureOnce(command));
  return median(values);
}

async function measureOnce({ argv, stdin = "", env = {}, before }: Measured): Promise<number> {
  before?.();
  const directory = mkdtempSync(`${tmpdir()}/acr-bench-`);
  const fifo = `${directory}/stdout`;
  await Bun.spawn(["mkfifo", fifo]).exited;
  const ours = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const theirs = openSync(fifo, constants.O_WRONLY);
  try {
    fill(ours);
    const child = Bun.spawn([...argv], {
      stdin: Buffer.from(stdin),
      stdout: theirs,
      stderr: "ignore",
      env: { ...env },
      cwd: "/",
    });
    await sleep(SETTLE_MS);
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
    drain(ours);
    if ((await child.exited) !== 0) throw new Error(`${argv.join(" ")} failed`);
    return Number(peak) / 1024;
  } finally {
    closeSync(ours);
    closeSync(theirs);
    rmSync(directory, { recursive: true });
  }
}

function fill(fd: number): void {
  const block = Buffer.alloc(4096);
  while (attempt(() => writeSync(fd, block))) {}
}

function drain(fd: number): void {
  const block = Buffer.alloc(65536);
  while (attempt(() => readSync(fd, block))) {}
}

function attempt(action: () => number): boolean {
  try {
    return action() > 0;
  } catch {
    return false;
  }
}
