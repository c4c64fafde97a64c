/**
 * Fuzzes whatever takes input from outside: `npm run fuzz -- [SECONDS] [--target NAME] [--seed N] [--path P]`.
 * Ten minutes by default. A counterexample is printed with the command that repeats it, and the exit status is 1.
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import type { Target } from "../test/fuzz/target.ts";
import { targets } from "../test/fuzz/targets.ts";

const NIGHTLY_SECONDS = 600;
/** The targets take turns, so that a short run is a sample of all of them. */
const TURN_MS = 1000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { target: { type: "string" }, seed: { type: "string" }, path: { type: "string" } },
});
const seconds = Number(positionals[0] ?? NIGHTLY_SECONDS);
const chosen = targets.filter(({ name }) => values.target === undefined || values.target === name);
if (!(seconds > 0) || chosen.length === 0) {
  console.error(`usage: npm run fuzz -- [SECONDS] [--target ${targets.map(({ name }) => name).join("|")}]`);
  process.exit(2);
}

const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31);
const inputs = new Map<string, number>();
const endsAt = performance.now() + seconds * 1000;
console.log(`${chosen.length} targets, ${seconds} s, first seed ${firstSeed}`);
for (let seed = firstSeed; performance.now() < endsAt; seed++) {
  for (const target of chosen) await turn(target, seed);
  if (values.path !== undefined) break;
}
for (const [name, count] of inputs)
  console.log(`  ${name.padEnd(20)} ${String(count).padStart(8)} inputs, no defect`);

async function turn({ name, property }: Target, seed: number): Promise<void> {
  const result = await fc.check(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: TURN_MS,
    ...(values.path === undefined ? {} : { path: values.path, endOnFailure: true }),
  });
  inputs.set(name, (inputs.get(name) ?? 0) + result.numRuns);
  if (result.counterexample === null) return;
  console.error(`${name}: ${result.errorInstance}`);
  console.error(`counterexample: ${JSON.stringify(result.counterexample)}`);
  console.error(
    `to repeat: npm run fuzz -- --target ${name} --seed ${result.seed} --path "${result.counterexamplePath}"`,
  );
  process.exit(1);
}
