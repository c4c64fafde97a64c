import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { root } from "../project.ts";
import { type RuntimeName, runtimePackage, type Target } from "./targets.ts";

/** The Bun or Node.js that becomes a part of the executable of a target. */
export interface Runtime {
  /** The package's name in the npm registry, and its version. */
  readonly name: string;
  readonly version: string;
  /** The hash of the package, from the lock file, as npm writes it: `sha512-` and base64. */
  readonly integrity: string;
  /** The executable out of the package. */
  readonly path: string;
  /** The licence file out of the package; Bun's has none. */
  readonly license?: string;
}

/**
 * Unpacks the runtime of a target, whichever machine this is. `npm ci` installs only the one of its own machine, so the
 * package is fetched by `npm pack`, once; it is held against the lock file's hash in every build.
 * @throws Error where the package is not to be had, or is not the one of the lock file.
 */
export function runtimeOf(target: Target, runtime: RuntimeName = "bun"): Runtime {
  const name = runtimePackage(target, runtime);
  const { version, integrity } = locked(name);
  const folder = `${root}.cache/runtimes/${runtime === "bun" ? "" : `${runtime}-`}${target}-${version}`;
  const archive = `${folder}/${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
  mkdirSync(folder, { recursive: true });
  if (!existsSync(archive)) {
    run("npm", ["pack", "--silent", "--prefer-offline", "--pack-destination", folder, `${name}@${version}`]);
  }
  const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (found !== integrity) {
    rmSync(archive);
    throw new Error(`use ${name} ${version}: its hash is ${found}, package-lock.json says ${integrity}`);
  }
  const files = [`package/bin/${runtime}`, ...(runtime === "node" ? ["package/LICENSE"] : [])];
  run("tar", ["-xzf", archive, "-C", folder, ...files]);
  const [path = "", license] = files.map((file) => `${folder}/${file}`);
  return { name, version, integrity, path, ...(license === undefined ? {} : { license }) };
}

/** What package-lock.json says of a package. @throws Error where it is not there or has no SHA-512. */
function locked(name: string): { readonly version: string; readonly integrity: string } {
  const entry = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")).packages[`node_modules/${name}`];
  if (!entry?.integrity?.startsWith("sha512-")) {
    throw new Error(`use ${name}: package-lock.json has no SHA-512 of it`);
  }
  return entry;
}

/** @throws Error with what it said. */
function run(program: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? (stderr.trim() || stdout.trim())}`);
}
