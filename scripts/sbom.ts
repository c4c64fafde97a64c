/** Prints the SBOM of an executable that was built here: `npm run --silent sbom -- PATH linux-x64|linux-arm64`. */
import { resolve } from "node:path";
import { sbomOf } from "./release/sbom.ts";
import { targets } from "./release/targets.ts";

const [path, wanted] = process.argv.slice(2);
const target = targets.find((name) => name === wanted);
if (path === undefined || target === undefined) {
  console.error(`usage: npm run --silent sbom -- PATH ${targets.join("|")}`);
  process.exit(2);
}
process.stdout.write(await sbomOf(resolve(path), target));
