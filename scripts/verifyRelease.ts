/**
 * Checks a folder that was released, as a stranger would: `npm run release:verify -- [FOLDER] (--key FILE | --unsigned)`.
 * Nothing of it is believed because it is there: every file is held against the sums, the sums against the signature, and the
 * executables and SBOMs against what the source in the folder gives when it is built anew, which needs the npm registry.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./project.ts";
import {
  executableName,
  filesOf,
  name,
  SOURCE,
  SUMS,
  sbomName,
  sha256,
  version,
} from "./release/releaseFolder.ts";
import { verifySignature } from "./release/signature.ts";
import { type Target, targets } from "./release/targets.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { key: { type: "string" }, unsigned: { type: "boolean", default: false } },
});
const folder = resolve(positionals[0] ?? `${root}release`);
if ((values.key === undefined) !== values.unsigned) {
  console.error("usage: npm run release:verify -- [FOLDER] (--key PUBLIC_KEY_FILE | --unsigned)");
  process.exit(2);
}

const checks: readonly { readonly what: string; readonly check: () => void }[] = [
  ...(values.key === undefined
    ? []
    : [{ what: "signature of the sums", check: () => verifySignature(folder, values.key ?? "") }]),
  { what: "sums of all files", check: checkSums },
  ...targets.flatMap((target) => [
    { what: `SBOM of ${target}`, check: () => checkSbom(target) },
    { what: `tar.gz of ${target}`, check: () => checkArchive(target) },
  ]),
  { what: "version and notices, as the executable says them", check: checkWords },
  { what: "the same bytes, built from the source again", check: checkRebuilt },
];

for (const { what, check } of checks) {
  try {
    check();
    console.log(`ok: ${what}`);
  } catch (error) {
    console.error(`NOT OK: ${what}: ${(error as Error).message}`);
    process.exit(1);
  }
}
console.log(values.unsigned ? "everything but a signature, which was not asked for" : "everything");

function checkSums(): void {
  const sums = readFileSync(`${folder}/${SUMS}`, "utf8").trimEnd().split("\n");
  const listed = new Map(sums.map((line) => [line.slice(66), line.slice(0, 64)]));
  for (const file of filesOf(folder)) {
    const expected = listed.get(file);
    if (expected === undefined) throw new Error(`${file} is not in ${SUMS}`);
    if (sha256(`${folder}/${file}`) !== expected) throw new Error(`${file} has another sum`);
    listed.delete(file);
  }
  if (listed.size > 0) throw new Error(`missing: ${[...listed.keys()].join(", ")}`);
}

/** The SBOM is of this very file. That its list is the right one is seen when it is made anew. */
function checkSbom(target: Target): void {
  const { component } = JSON.parse(readFileSync(`${folder}/${sbomName(target)}`, "utf8")).metadata;
  if (component.version !== version) throw new Error(`it is of version ${component.version}`);
  if (component.hashes[0].content !== sha256(`${folder}/${executableName(target)}`)) {
    throw new Error("it is of another executable");
  }
}

/** It holds the executable, what belongs to it out of the source, the notices, and nothing else. */
function checkArchive(target: Target): void {
  const elsewhere = mkdtempSync(`${tmpdir()}/${name}-archive-`);
  try {
    run("tar", ["-xzf", `${folder}/${executableName(target)}.tar.gz`, "-C", elsewhere], "/");
    const tree = `${elsewhere}/${executableName(target)}`;
    if (sha256(`${tree}/${name}`) !== sha256(`${folder}/${executableName(target)}`)) {
      throw new Error("it holds another executable");
    }
    const checkout = `${elsewhere}/${name}-${version}`;
    run("tar", ["-xzf", `${folder}/${SOURCE}`, "-C", elsewhere], "/");
    for (const path of readdirSync(tree).filter((file) => ![name, "NOTICE"].includes(file))) {
      run("diff", ["-r", `${checkout}/${path}`, `${tree}/${path}`], "/");
    }
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
}

/** Only where one of the executables runs on this machine. */
function checkWords(): void {
  const target = targets.find((target) => target === `${process.platform}-${process.arch}`);
  if (target === undefined) throw new Error(`no executable runs on ${process.platform}-${process.arch}`);
  const executable = `${folder}/${executableName(target)}`;
  const said = run(executable, ["--version"], "/").trim();
  if (said !== `${name} ${version}`) throw new Error(`it says ${said}`);
  const notices = run(executable, ["licenses"], "/");
  for (const each of targets) {
    const archive = `${folder}/${executableName(each)}.tar.gz`;
    if (run("tar", ["-xzOf", archive, `${executableName(each)}/NOTICE`], "/") !== notices) {
      throw new Error(`the NOTICE for ${each} is another`);
    }
  }
  const { components } = JSON.parse(readFileSync(`${folder}/${sbomName(target)}`, "utf8"));
  for (const { name, version } of components) {
    if (!notices.includes(`${name} ${version}: `))
      throw new Error(`its notices do not name ${name} ${version}`);
  }
}

function checkRebuilt(): void {
  const elsewhere = mkdtempSync(`${tmpdir()}/${name}-rebuilt-`);
  try {
    run("tar", ["-xzf", `${folder}/${SOURCE}`, "-C", elsewhere], "/");
    const checkout = `${elsewhere}/${name}-${version}`;
    run("npm", ["ci"], checkout);
    for (const target of targets) {
      run("npm", ["run", "build", "--", "--target", target], checkout);
      const built = `${checkout}/dist/${name}-${target}`;
      if (sha256(built) !== sha256(`${folder}/${executableName(target)}`)) {
        throw new Error(`${executableName(target)} is not what its source gives`);
      }
      const sbom = run("npm", ["run", "--silent", "sbom", "--", built, target], checkout);
      if (sbom !== readFileSync(`${folder}/${sbomName(target)}`, "utf8")) {
        throw new Error(`${sbomName(target)} is not what is inside`);
      }
    }
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
}

/** @returns its stdout. @throws Error with what it said. */
function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? (stderr.trim() || stdout.trim())}`);
}
