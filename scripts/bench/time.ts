import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

/** A process to be measured. */
export interface Measured {
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** All that it has of an environment; default: nothing. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs each command `runs` times in turn (A B C A B C …), so that a drift of the machine meets all alike, after
 * three rounds that are not counted. stdin is a file, so that no process waits for this one to write. Resolves to the
 * median wall time (ms) of each. A failing command ends it.
 */
export async function interleavedMedians<const Commands extends readonly Measured[]>(
  runs: number,
  commands: Commands,
): Promise<{ [Index in keyof Commands]: number }> {
  const directory = mkdtempSync(`${tmpdir()}/acr-bench-`);
  commands.forEach(({ stdin = "" }, index) => {
    writeFileSync(`${directory}/${index}`, stdin);
  });
  const times: number[][] = commands.map(() => []);
  for (let round = -3; round < runs; round++) {
    for (const [index, command] of commands.entries()) {
      const ms = await timeOnce(command, `${directory}/${index}`);
      if (round >= 0) times[index]?.push(ms);
    }
  }
  rmSync(directory, { recursive: true });
  return times.map(median) as { [Index in keyof Commands]: number };
}

async function timeOnce({ argv, env = {} }: Measured, stdin: string): Promise<number> {
  const startedAt = performance.now();
  const child = Bun.spawn([...argv], {
    stdin: Bun.file(stdin),
    stdout: "pipe",
    stderr: "pipe",
    env: { ...env },
    cwd: "/",
  });
  const status = await child.exited;
  const ms = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${argv.join(" ")} failed: ${await new Response(child.stderr).text()}`);
  return ms;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
