import { spawnSync } from "node:child_process";
import { runtimeOf } from "../release/runtime.ts";
import type { Target } from "../release/targets.ts";

/** What `process.versions` has besides libraries: versions of interfaces and of data within ICU. */
const NO_LIBRARIES = ["node", "modules", "napi", "cldr", "tz", "unicode"];

/**
 * The libraries inside Node.js, and their versions, by its own word. It is asked of the one for this machine; the one for another
 * architecture is built from the same source.
 * @throws Error where it does not run, or is of another version than that of `target`.
 */
export function nodeLibraries(
  target: Target,
): readonly { readonly name: string; readonly version: string }[] {
  const { path, version } = runtimeOf(`linux-${process.arch}` as Target, "node");
  if (version !== runtimeOf(target, "node").version)
    throw new Error("the lock file has two versions of Node.js");
  const { stdout, status } = spawnSync(path, ["-p", "JSON.stringify(process.versions)"], {
    encoding: "utf8",
    env: {},
  });
  if (status !== 0) throw new Error(`${path} does not run`);
  return Object.entries<string>(JSON.parse(stdout))
    .filter(([name, version]) => version !== "" && !NO_LIBRARIES.includes(name))
    .map(([name, version]) => ({ name, version }));
}
