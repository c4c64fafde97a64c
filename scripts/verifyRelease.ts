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
  builtPath,
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
import { type RuntimeName, runtimeNames, type Target, targets } from "./release/targets.ts";

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
    { what: `SBOM of ${target}`, check: () => checkSbom(target, "bun") },
    { what: `tar.gz of ${target}`, check: () => checkArchive(target) },
    { what: `SBOM of ${target} with Node.js`, check: () => checkSbom(target, "node") },
    { what: `tar.gz of ${target} with Node.js`, check: () => checkNodeArchive(target) },
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

/** The SBOM is of this very executable. That its list is the right one is seen when it is made anew. */
function checkSbom(target: Target, runtime: RuntimeName): void {
  const { component } = JSON.parse(readFileSync(`${folder}/${sbomName(target, runtime)}`, "utf8")).metadata;
  if (component.version !== version) throw new Error(`it is of version ${component.version}`);
  if (component.hashes[0].content !== hashOfExecutable(target, runtime)) {
    throw new Error("it is of another executable");
  }
}

function hashOfExecutable(target: Target, runtime: RuntimeName): string {
  if (runtime === "bun") return sha256(`${folder}/${executableName(target)}`);
  return unpacked(target, runtime, (tree) => sha256(`${tree}/${name}`));
}

/** It holds the executable, what belongs to it out of the source, the notices, and nothing else. */
function checkArchive(target: Target): void {
  unpacked(target, "bun", (tree, elsewhere) => {
    if (sha256(`${tree}/${name}`) !== hashOfExecutable(target, "bun")) {
      throw new Error("it holds another executable");
    }
    checkDocuments(tree, elsewhere);
  });
}

/** The same; its executable is held against the SBOM, because it is released nowhere else. */
function checkNodeArchive(target: Target): void {
  unpacked(target, "node", checkDocuments);
}

function checkDocuments(tree: string, elsewhere: string): void {
  const checkout = `${elsewhere}/${name}-${version}`;
  run("tar", ["-xzf", `${folder}/${SOURCE}`, "-C", elsewhere], "/");
  for (const path of readdirSync(tree).filter((file) => ![name, "NOTICE"].includes(file))) {
    run("diff", ["-r", `${checkout}/${path}`, `${tree}/${path}`], "/");
  }
}

/** Unpacks the tar.gz for as long as `look` takes, which gets its folder and the one above. @returns what it returns. */
function unpacked<Seen>(
  target: Target,
  runtime: RuntimeName,
  look: (tree: string, above: string) => Seen,
): Seen {
  const above = mkdtempSync(`${tmpdir()}/${name}-archive-`);
  try {
    const archive = executableName(target, runtime);
    run("tar", ["-xzf", `${folder}/${archive}.tar.gz`, "-C", above], "/");
    return look(`${above}/${archive}`, above);
  } finally {
    rmSync(above, { recursive: true });
  }
}

/** Only where one of the executables runs on this machine. */
function checkWords(): void {
  const target = targets.find((target) => target === `${process.platform}-${process.arch}`);
  if (target === undefined) throw new Error(`no executable runs on ${process.platform}-${process.arch}`);
  checkWordsOf(`${folder}/${executableName(target)}`, target, "bun");
  unpacked(target, "node", (tree) => checkWordsOf(`${tree}/${name}`, target, "node"));
}

function checkWordsOf(executable: string, target: Target, runtime: RuntimeName): void {
  const said = run(executable, ["--version"], "/").trim();
  if (said !== `${name} ${version}`) throw new Error(`it says ${said}`);
  const notices = run(executable, ["licenses"], "/");
  for (const each of targets) {
    const archive = executableName(each, runtime);
    if (run("tar", ["-xzOf", `${folder}/${archive}.tar.gz`, `${archive}/NOTICE`], "/") !== notices) {
      throw new Error(`the NOTICE of ${archive} is another`);
    }
  }
  const { components } = JSON.parse(readFileSync(`${folder}/${sbomName(target, runtime)}`, "utf8"));
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
    for (const target of targets) for (const runtime of runtimeNames) checkBuild(checkout, target, runtime);
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
}

function checkBuild(checkout: string, target: Target, runtime: RuntimeName): void {
  run("npm", ["run", "build", "--", "--runtime", runtime, "--target", target], checkout);
  const built = `${checkout}${builtPath(target, runtime).slice(root.length - 1)}`;
  if (sha256(built) !== hashOfExecutable(target, runtime)) {
    throw new Error(`${executableName(target, runtime)} is not what its source gives`);
  }
  const sbom = run("npm", ["run", "--silent", "sbom", "--", built, target, runtime], checkout);
  if (sbom !== readFileSync(`${folder}/${sbomName(target, runtime)}`, "utf8")) {
    throw new Error(`${sbomName(target, runtime)} is not what is inside`);
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
