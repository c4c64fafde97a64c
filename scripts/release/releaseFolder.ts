/** The one folder that is released: what its files are called, and what stands in SHA256SUMS. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { name, version } from "../about.ts";
import { root } from "../project.ts";
import type { RuntimeName, Target } from "./targets.ts";

export { name, version };

export const SUMS = "SHA256SUMS";
export const SIGNATURE = "SHA256SUMS.minisig";
export const SOURCE = `${name}-${version}-source.tar.gz`;
export const IMAGE = `${name}-${version}-image.tar`;
export const CHART = `${name}-${version}-chart.tgz`;
/** Of Bun's flavour it is the executable itself; of Node.js' a folder in the tar.gz of this name, which has it. */
export const executableName = (target: Target, runtime: RuntimeName = "bun") =>
  [name, version, ...(runtime === "bun" ? [] : [runtime]), target].join("-");
export const sbomName = (target: Target, runtime: RuntimeName = "bun") =>
  `${executableName(target, runtime)}.cdx.json`;
/** What `npm run build -- --runtime RUNTIME --target TARGET` writes. */
export const builtPath = (target: Target, runtime: RuntimeName = "bun") =>
  `${root}dist/${[name, ...(runtime === "bun" ? [] : [runtime]), target].join("-")}`;

/** SHA-256 of a file, in hexadecimal. */
export const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** Writes SHA256SUMS of every file of the folder, as `sha256sum --check` reads it. */
export function writeSums(folder: string): void {
  const lines = filesOf(folder).map((file) => `${sha256(`${folder}/${file}`)}  ${file}\n`);
  writeFileSync(`${folder}/${SUMS}`, lines.join(""));
}

/** The files of the folder by name, without the sums and the signatures over them. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => !file.startsWith(SUMS))
    .sort();
}
