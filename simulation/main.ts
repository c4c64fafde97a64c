/**
 * Simulates fleets of nodes that run the plugin's own scheduling code: `npm run simulate:fleet [-- FLAGS]`.
 * Prints the tables; writes docs/fleet/*.svg and the section of docs/reliability.md. Flags: `--quick` simulates
 * 1,000 nodes only and writes nothing; `--check` writes nothing and fails if the documents are of another plan;
 * `--seed N` draws other chances and writes nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import arg from "arg";
import { root } from "../scripts/project.ts";
import { plotsOf } from "./pictures.ts";
import { experimentsOf, fullPlan, type Plan, quickPlan } from "./plan.ts";
import { blockIn, blockOf, plotNames, structureOf, withBlock } from "./reliabilitySection.ts";
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

// A hundred thousand failures an instant would each keep the stack that nobody looks at.
Error.stackTraceLimit = 0;

const flags = arg({ "--quick": Boolean, "--check": Boolean, "--seed": Number });
if (flags["--check"]) process.exit(isCurrent() ? 0 : 1);
const plan = flags["--quick"] ? quickPlan : fullPlan;
const seed = flags["--seed"] ?? DEFAULT_SEED;
const lookup = simulated(plan, seed);
const block = blockOf(plan, lookup);
console.log(block);
if (plan === fullPlan && seed === DEFAULT_SEED) write(block, plotsOf(plan, lookup));

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

function write(block: string, plots: Record<string, string>): void {
  mkdirSync(pictures, { recursive: true });
  writeFileSync(document, withBlock(readDocument(), block));
  for (const [name, svg] of Object.entries(plots)) writeFileSync(`${pictures}${name}`, svg);
}

function readDocument(): string {
  return existsSync(document) ? readFileSync(document, "utf8") : "";
}

/** Whether the documents show this plan: all but the figures is compared, so that nothing needs to be simulated. */
function isCurrent(): boolean {
  const written = blockIn(readDocument());
  const isSame =
    written !== undefined && structureOf(written) === structureOf(blockOf(fullPlan, emptyResult));
  const lacking = plotNames.filter((name) => !existsSync(pictures + name));
  if (!isSame) console.error("docs/reliability.md does not show this plan: run npm run simulate:fleet");
  if (lacking.length > 0) console.error(`docs/fleet lacks ${lacking.join(", ")}: run npm run simulate:fleet`);
  return isSame && lacking.length === 0;
}
