/** Builds tar.gz, deb and rpm into `release/`: `npm run packages [-- --target linux-x64|linux-arm64]`. */
import { statSync } from "node:fs";
import { buildPackages } from "./packages/buildPackages.ts";
import { root } from "./project.ts";
import { type Target, targets } from "./release/targets.ts";

for (const path of await buildPackages(`${root}release`, chosen(process.argv.slice(2)))) {
  console.log(`${path.slice(root.length)}: ${(statSync(path).size / 1e6).toFixed(1)} MB`);
}

function chosen(argv: readonly string[]): readonly Target[] {
  if (argv.length === 0) return targets;
  const target = targets.find((name) => argv[0] === "--target" && argv[1] === name && argv.length === 2);
  if (target !== undefined) return [target];
  console.error(`usage: npm run packages [-- --target ${targets.join("|")}]`);
  process.exit(2);
}
