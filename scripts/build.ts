/**
 * Builds the executable: `npm run build [-- --runtime bun|node] [--target linux-x64|linux-arm64]`. Without a target it is one
 * for this machine; with one it is made of the runtime in package-lock.json, whose hash is checked. On linux-x64 and
 * linux-arm64 both are the same bytes: what the tests run is what is released.
 */
import { mkdirSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { name } from "./about.ts";
import { buildBunExecutable } from "./build/bunExecutable.ts";
import { buildNodeExecutable } from "./build/nodeExecutable.ts";
import { root } from "./project.ts";
import { isTarget, type RuntimeName, runtimeNames, type Target, targets } from "./release/targets.ts";
import "./generate.ts";

const { runtime, target } = chosen();
const outfile = `${root}dist/${[name, ...(runtime === "bun" ? [] : [runtime]), ...(target ? [target] : [])].join("-")}`;
mkdirSync(`${root}dist`, { recursive: true });
if (runtime === "bun") await buildBunExecutable(target, outfile);
else await buildNodeExecutable(target ?? (`linux-${process.arch}` as Target), outfile);
console.log(`${outfile.slice(root.length)}: ${(statSync(outfile).size / 1e6).toFixed(1)} MB`);

function chosen(): { runtime: RuntimeName; target: Target | undefined } {
  try {
    const { values } = parseArgs({
      options: { runtime: { type: "string", default: "bun" }, target: { type: "string" } },
    });
    const runtime = runtimeNames.find((name) => name === values.runtime);
    const { target } = values;
    if (runtime !== undefined && (target === undefined || isTarget(target))) return { runtime, target };
  } catch {
    // Said below.
  }
  console.error(
    `usage: npm run build [-- --runtime ${runtimeNames.join("|")}] [--target ${targets.join("|")}]`,
  );
  process.exit(2);
}
