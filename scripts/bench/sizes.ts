import { statSync } from "node:fs";
import { root } from "../project.ts";

/** Prints the executable's size and what each dependency adds to the code in it (minified bytes). */
export async function printSizes(): Promise<void> {
  const file = statSync(`${root}dist/aliyun-acr-credential-provider`).size;
  const runtime = statSync(`${root}.cache/bench/empty`).size;
  console.log("\nSize");
  console.log(`  executable ${megabytes(file)}, of which the Bun runtime ${megabytes(runtime)}`);
  const built = await Bun.build({
    entrypoints: [`${root}src/main/main.ts`],
    minify: true,
    target: "bun",
    format: "esm",
    metafile: true,
  });
  const shares = new Map<string, number>();
  for (const output of Object.values(built.metafile?.outputs ?? {})) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const owner = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "our own code";
      shares.set(owner, (shares.get(owner) ?? 0) + bytesInOutput);
    }
  }
  const total = [...shares.values()].reduce((sum, bytes) => sum + bytes, 0);
  console.log(`  code ${(total / 1024).toFixed(0)} KiB, of which`);
  for (const [owner, bytes] of [...shares].sort((a, b) => b[1] - a[1])) {
    console.log(
      `    ${owner.padEnd(28)} ${(bytes / 1024).toFixed(1).padStart(7)} KiB  ${((100 * bytes) / total).toFixed(1)} %`,
    );
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
