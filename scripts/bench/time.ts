import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

/** A process to be measured. */
export interface Measured {
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** All that it has of an environment; default: nothing. */
  readonly env?: Readonly<Record<string, string>>;
  /** Makes the state that it is to find, before each run; not counted. */
  readonly before?: () => void;
  /** How it ends; default 0. */
  readonly status?: number;
}

/** One run of one process, in ms. */
export interface Timing {
  readonly wallMs: number;
  /** User and system time, of all its threads. */
  readonly cpuMs: number;
}

/**
 * Runs each command `runs` times in turn (A B C A B C …), so that a drift of the machine meets all alike, after
 * three rounds that are not counted. stdin is a file, so that no process waits for this one to write. A command that
 * ends in another way than it should ends it.
 */
export async function interleaved(runs: number, commands: readonly Measured[]): Promise<Timing[][]> {
  const directory = mkdtempSync(`${tmpdir()}/acr-bench-`);
  commands.forEach(({ stdin = "" }, index) => {
    writeFileSync(`${directory}/${index}`, stdin);
  });
  const timings: Timing[][] = commands.map(() => []);
  for (let round = -3; round < runs; round++) {
    for (const [index, command] of commands.entries()) {
      const timing = await timeOnce(command, `${directory}/${index}`);
      if (round >= 0) timings[index]?.push(timing);
    }
  }
  rmSync(directory, { recursive: true });
  return timings;
}

/** The median wall time (ms) of each, measured as `interleaved` does. */
export async function interleavedMedians<const Commands extends readonly Measured[]>(
  runs: number,
  commands: Commands,
): Promise<{ [Index in keyof Commands]: number }> {
  const timings = await interleaved(runs, commands);
  return timings.map((each) => median(each.map(({ wallMs }) => wallMs))) as {
    [Index in keyof Commands]: number;
  };
}

/** All of them at once; resolves to the time until the last one has ended, and the CPU time of all. */
export async function together(commands: readonly Measured[]): Promise<Timing> {
  const startedAt = performance.now();
  const children = commands.map((command) => start(command, Buffer.from(command.stdin ?? "")));
  const cpuMs = await Promise.all(children.map((child, index) => ended(child, commands[index] as Measured)));
  return { wallMs: performance.now() - startedAt, cpuMs: cpuMs.reduce((sum, ms) => sum + ms, 0) };
}

async function timeOnce(command: Measured, stdin: string): Promise<Timing> {
  command.before?.();
  const startedAt = performance.now();
  const child = start(command, Bun.file(stdin));
  await child.exited;
  const wallMs = performance.now() - startedAt;
  return { wallMs, cpuMs: await ended(child, command) };
}

type Child = Bun.Subprocess<Bun.BunFile | Buffer, "pipe", "pipe">;

function start({ argv, env = {} }: Measured, stdin: Bun.BunFile | Buffer): Child {
  return Bun.spawn([...argv], { stdin, stdout: "pipe", stderr: "pipe", env: { ...env }, cwd: "/" });
}

/** The CPU time (ms) of a process, once it has ended. @throws Error where it ended in another way than it should. */
async function ended(child: Child, { argv, status = 0 }: Measured): Promise<number> {
  const found = await child.exited;
  if (found !== status) {
    throw new Error(`${argv.join(" ")} ended with ${found}: ${await new Response(child.stderr).text()}`);
  }
  return Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1000;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which this share of them lies, between two of them where it falls there. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
  return below + (above - below) * (place - Math.floor(place));
}
