/** Prints the SBOM of an executable that was built here: `npm run --silent sbom -- PATH linux-x64|linux-arm64 [node]`. */
import { resolve } from "node:path";
import { sbomOf } from "./release/sbom.ts";
import { isTarget, targets } from "./release/targets.ts";

const [path, target, runtime = "bun"] = process.argv.slice(2);
if (path === undefined || !isTarget(target) || (runtime !== "bun" && runtime !== "node")) {
  console.error(`usage: npm run --silent sbom -- PATH ${targets.join("|")} [node]`);
  process.exit(2);
}
process.stdout.write(await sbomOf(resolve(path), target, runtime));
