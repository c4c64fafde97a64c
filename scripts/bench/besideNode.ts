import { statSync } from "node:fs";
import { buildNodeExecutable } from "../build/nodeExecutable.ts";
import { root } from "../project.ts";
import { isTarget } from "../release/targets.ts";
import { peakMemoryMiB } from "./memory.ts";
import { interleavedMedians, type Measured } from "./time.ts";

const RUNS = 20;
const node = `${root}.cache/bench/plugin-node`;

/** What is measured of both flavours. Each is a command of Bun's executable, which is a path that ends in `plugin`. */
export interface Compared {
  readonly start: Measured;
  readonly refusal: Measured;
  readonly hit: Measured;
  readonly call: Measured;
}

/**
 * Builds the executable with Node.js and prints its figures beside Bun's, of one interleaved run; none is a promise. Says so where
 * this machine builds none.
 */
export async function besideNode(executable: string, bun: Compared): Promise<void> {
  const target = `${process.platform}-${process.arch}`;
  if (!isTarget(target)) return console.log(`\nNode.js flavour: not built on ${target}`);
  await buildNodeExecutable(target, node);
  const onNode = ({ argv, ...rest }: Measured): Measured => ({ ...rest, argv: [node, ...argv.slice(1)] });
  const { start, refusal, hit, call } = bun;
  const compared: readonly Measured[] = [start, refusal, hit, call];
  const times: readonly number[] = await interleavedMedians(RUNS, [...compared, ...compared.map(onNode)]);
  console.log(`\nBun and Node.js, medians of ${RUNS} interleaved runs`);
  const row = (what: string, ours: string, theirs: string, note = "") =>
    console.log(`  ${what.padEnd(35)} ${ours.padStart(10)} ${theirs.padStart(10)}  ${note}`);
  row("", "Bun", "Node.js");
  ["--version", "image of another registry", "cache hit", "one token call, loopback TLS"].forEach(
    (what, index) => {
      const [ours = Number.NaN, theirs = Number.NaN] = [times[index], times[index + 4]];
      row(what, `${ours.toFixed(1)} ms`, `${theirs.toFixed(1)} ms`, `${(theirs / ours).toFixed(1)}x`);
    },
  );
  for (const [what, command] of [
    ["cache hit", hit],
    ["one token call", call],
  ] as const) {
    const [ours, theirs] = [await peakMemoryMiB(command), await peakMemoryMiB(onNode(command))];
    row(`peak memory, ${what}`, `${ours.toFixed(0)} MiB`, `${theirs.toFixed(0)} MiB`);
  }
  const megabytes = (path: string) => `${(statSync(path).size / 1e6).toFixed(0)} MB`;
  row("size of the file", megabytes(executable), megabytes(node));
}
