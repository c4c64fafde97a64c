/**
 * Builds everything that is released into `release/`: `npm run release [-- --unsigned] [--output DIR]`.
 * RELEASE_MINISIGN_KEY_FILE names the secret key. Without it only `--unsigned` makes a release, and says so at its end.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { archiveNodeExecutable, buildNfpm, packExecutable } from "./packages/buildPackages.ts";
import { root } from "./project.ts";
import { archiveChart, archiveSource, isCommitted } from "./release/archives.ts";
import {
  builtPath,
  executableName,
  IMAGE,
  name,
  SUMS,
  sbomName,
  version,
  writeSums,
} from "./release/releaseFolder.ts";
import { sbomOf } from "./release/sbom.ts";
import { SECRET_KEY, sign } from "./release/signature.ts";
import { type Target, targets } from "./release/targets.ts";

const { values } = parseArgs({
  options: {
    unsigned: { type: "boolean", default: false },
    output: { type: "string", default: `${root}release` },
  },
});
const folder = resolve(values.output);
const key = process.env[SECRET_KEY] ?? "";

/** In this order: what is made of the executables needs them there. */
const steps: readonly { readonly what: string; readonly make: () => void | Promise<void> }[] = [
  { what: "source", make: () => archiveSource(folder) },
  ...targets.flatMap((target) => [
    { what: `executable for ${target}`, make: () => buildExecutable(target) },
    { what: `SBOM for ${target}`, make: () => writeSbom(target) },
    { what: `tar.gz, deb and rpm for ${target}`, make: () => pack(target) },
    { what: `Node.js flavour for ${target}`, make: () => makeNodeFlavour(target) },
  ]),
  { what: "image", make: makeImage },
  { what: "chart", make: () => archiveChart(folder) },
  { what: SUMS, make: () => writeSums(folder) },
  ...(key === "" ? [] : [{ what: "signature", make: () => sign(folder, key) }]),
];

if (key === "" && !values.unsigned) end(`${SECRET_KEY} names no key: set it, or give --unsigned`);
if (key !== "" && values.unsigned) end(`--unsigned, and ${SECRET_KEY} is set: which of them?`);
if (!isCommitted()) end("there are changes that are not committed: a release is made of one commit");
if (!readFileSync(`${root}CHANGELOG.md`, "utf8").includes(`\n## ${version} `)) {
  end(`CHANGELOG.md does not say what is new in ${version}, which is the version of package.json`);
}
if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(`${folder}/${SUMS}`)) {
  end(`${folder} is not empty and not a release: it would be emptied`);
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const { what, make } of steps) {
  console.log(`== ${what}`);
  await make();
}
console.log(`${name} ${version} is in ${folder}${key === "" ? ", NOT SIGNED" : ""}`);

function buildExecutable(target: Target): void {
  script("build.ts", "--target", target);
  copyFileSync(builtPath(target), `${folder}/${executableName(target)}`);
  chmodSync(`${folder}/${executableName(target)}`, 0o755);
}

async function pack(target: Target): Promise<void> {
  await buildNfpm();
  await packExecutable(folder, { executable: `${folder}/${executableName(target)}`, target });
}

async function makeNodeFlavour(target: Target): Promise<void> {
  script("build.ts", "--runtime", "node", "--target", target);
  const executable = builtPath(target, "node");
  writeFileSync(`${folder}/${sbomName(target, "node")}`, await sbomOf(executable, target, "node"));
  await archiveNodeExecutable(folder, { executable, target });
}

function makeImage(): void {
  const layout = `${root}.cache/release/image`;
  script("image.ts", "--output", layout);
  copyFileSync(`${layout}.tar`, `${folder}/${IMAGE}`);
}

function script(name: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, ["run", `scripts/${name}`, ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}

async function writeSbom(target: Target): Promise<void> {
  writeFileSync(`${folder}/${sbomName(target)}`, await sbomOf(`${folder}/${executableName(target)}`, target));
}

function end(message: string): never {
  console.error(`release: ${message}`);
  process.exit(2);
}
