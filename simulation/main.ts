/**
 * Simulates fleets of nodes that run the plugin's own scheduling code: `npm run simulate:fleet [-- FLAGS]`.
 * Prints the section of docs/reliability.md, and writes it there and its pictures to docs/fleet. Flags:
 * `--quick` simulates 1,000 nodes only and writes nothing; `--seed N` draws other random numbers and writes nothing;
 * `--check` simulates and writes nothing, and fails if the documents show another plan.
 *
 * Where to read on: `plan.ts` says what is simulated, `scenarios.ts` what happens to a fleet, and `variants.ts` which
 * plugins are compared. `fleet.ts` puts nodes (`kubelet.ts`, `nodeCache.ts`) and the API (`simulatedApi.ts`) into
 * simulated time. What is counted (`measures.ts`) becomes a result (`result.ts`), tables and pictures.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import arg from "arg";
import { root } from "../scripts/project.ts";
import { pictureNames, pictureOf, wordsOf } from "./pictures.ts";
import { experimentsOf, fullPlan, type Plan, quickPlan } from "./plan.ts";
import { sectionIn, sectionOf, structureOf, withSection } from "./reliabilitySection.ts";
import {
  type Experiment,
  emptyResult,
  type Lookup,
  type Result,
  type RunOptions,
  resultOf,
} from "./result.ts";

const DEFAULT_SEED = 20261121;
const document = `${root}docs/reliability.md`;
const pictures = `${root}docs/fleet/`;

// Up to 100,000 calls fail at one moment: the stack of each error, which no one reads, would fill the memory.
Error.stackTraceLimit = 0;

const flags = arg({ "--quick": Boolean, "--check": Boolean, "--seed": Number });
if (flags["--check"]) process.exit((await isCurrent()) ? 0 : 1);
const plan = flags["--quick"] ? quickPlan : fullPlan;
const seed = flags["--seed"] ?? DEFAULT_SEED;
const lookup = simulated(plan, seed);
const section = sectionOf(plan, lookup);
console.log(section);
if (plan === fullPlan && seed === DEFAULT_SEED) await write(section, lookup);

/** Runs the whole plan. */
function simulated(plan: Plan, seed: number): Lookup {
  const options: RunOptions = { seed, steadyMs: plan.steadyMinutes * 60 * 1000 };
  const results = new Map<string, Result>();
  for (const experiment of experimentsOf(plan)) {
    const startedAt = performance.now();
    const result = resultOf(experiment, options);
    if (result.expiredUses > 0) throw new Error(`expired credentials were used: ${nameOf(experiment)}`);
    results.set(nameOf(experiment), result);
    console.error(`${nameOf(experiment)}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
  return (experiment) => {
    const result = results.get(nameOf(experiment));
    if (result === undefined) throw new Error(`the plan lacks ${nameOf(experiment)}`);
    return result;
  };
}

function nameOf({ scenario, nodes, limit, variant }: Experiment): string {
  return `${scenario} ${nodes} nodes ${limit}/s ${variant}`;
}

async function write(section: string, lookup: Lookup): Promise<void> {
  writeFileSync(document, withSection(readFileSync(document, "utf8"), section));
  mkdirSync(pictures, { recursive: true });
  for (const name of pictureNames) {
    writeFileSync(`${pictures}${name}`, await pictureOf(name, fullPlan, lookup));
  }
}

/** Whether the documents show the full plan. Compares all but the figures, so that it need not simulate anything. */
async function isCurrent(): Promise<boolean> {
  const written = structureOf(sectionIn(readFileSync(document, "utf8")));
  const stale = written === structureOf(sectionOf(fullPlan, emptyResult)) ? [] : ["docs/reliability.md"];
  for (const name of pictureNames) {
    const drawn = wordsOf(await pictureOf(name, fullPlan, emptyResult));
    if (wordsOf(readPicture(name)) !== drawn) stale.push(`docs/fleet/${name}`);
  }
  for (const file of stale) console.error(`${file} does not show this plan: run npm run simulate:fleet`);
  return stale.length === 0;
}

function readPicture(name: string): string {
  try {
    return readFileSync(`${pictures}${name}`, "utf8");
  } catch {
    return "";
  }
}
