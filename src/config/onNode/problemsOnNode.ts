import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { problemOfDirectory } from "../../cache/listing.ts";
import type { ProviderConfig } from "../config.ts";
import type { GradedFinding, Path } from "../problem.ts";
import { authorityProblems } from "./authorityProblems.ts";
import { lookAt } from "./lookAt.ts";
import { secretFileProblems } from "./secretFileProblems.ts";

export interface NodeOptions {
  /** Epoch ms. */
  now(): number;
  /** Hears every secret that is read. */
  onSecret?(value: string): void;
}

/**
 * What the config names on this node and what is wrong with it: files with secrets (AccessKeys, fixed credentials, OIDC
 * tokens, profiles), `tls.caFile`, the folder of `log.file`, the cache directory. An error: pulls fail; a warning: they
 * work, but without the log or the cache, or not for long. Reads files as this process's user, which the kubelet's must
 * be too; changes nothing and asks no one. Messages are one line without secrets; paths are those of the native config.
 */
export function problemsOnNode(config: ProviderConfig, options: NodeOptions): GradedFinding[] {
  const { tls, log, cache } = config;
  return [
    ...secretFileProblems(config, (value) => options.onSecret?.(value)),
    ...(tls.caFile === undefined ? [] : authorityProblems(tls.caFile, options.now())),
    ...(log.file === undefined ? [] : warnings(["log", "file"], logProblem(log.file))),
    ...(cache.enabled ? warnings(["cache", "directory"], cacheProblem(cache.directory)) : []),
  ];
}

function warnings(path: Path, message: string | undefined): GradedFinding[] {
  return message === undefined ? [] : [{ path, message, severity: "warning" }];
}

function logProblem(file: string): string | undefined {
  const cause = logObstacle(file);
  return cause === undefined ? undefined : `nothing is logged: ${cause}`;
}

/** Why no line could be written. */
function logObstacle(file: string): string | undefined {
  const folder = dirname(file);
  const { stats, obstacle } = lookAt(folder);
  if (obstacle !== undefined) return `${folder} ${obstacle}`;
  if (stats === undefined) return `${folder} does not exist; run "mkdir -p ${folder}"`;
  if (!stats.isDirectory()) return `${folder} is not a directory; name another file`;
  const notWritable = writeObstacle(folder);
  if (notWritable !== undefined) return `${folder} ${notWritable}; name a file elsewhere`;
  const there = lookAt(file, { noFollow: true }).stats;
  if (there === undefined || there.isFile()) return undefined;
  return `${file} is not a regular file; remove it, or name another file`;
}

/** Why nothing would be kept, so that every run makes calls. */
function cacheProblem(directory: string): string | undefined {
  const cause = problemOfDirectory(directory) ?? obstacleTo(directory);
  return cause === undefined ? undefined : `is not used, so that every run makes calls: ${cause}`;
}

/** Why a directory could not be made, or written to. */
function obstacleTo(directory: string): string | undefined {
  let folder = directory;
  while (lookAt(folder).stats === undefined && folder !== "/") folder = dirname(folder);
  const obstacle = writeObstacle(folder);
  return obstacle === undefined ? undefined : `${folder} ${obstacle}`;
}

function writeObstacle(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    return code === "EROFS" ? "is on a read-only file system" : `cannot be written to (${code})`;
  }
}
