/** The one folder that is released: what its files are called, and what stands in SHA256SUMS. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { name, version } from "../about.ts";
import type { Target } from "./targets.ts";

export { name, version };

export const SUMS = "SHA256SUMS";
export const SIGNATURE = "SHA256SUMS.minisig";
export const SOURCE = `${name}-${version}-source.tar.gz`;
export const IMAGE = `${name}-${version}-image.tar`;
export const CHART = `${name}-${version}-chart.tgz`;
export const executableName = (target: Target) => `${name}-${version}-${target}`;
export const sbomName = (target: Target) => `${executableName(target)}.cdx.json`;

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
