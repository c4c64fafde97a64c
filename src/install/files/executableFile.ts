import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../failure/failure.ts";
import { finish, makeDirectories, removeFile, takePlace, temporaryPath } from "./savedFile.ts";

/** The executable that runs this, by whatever name it was started. */
export const ownExecutable = "/proc/self/exe";

const CHUNK_BYTES = 1024 * 1024;

/** SHA-256 of a file of any size, in hex; undefined where there is none. @throws the error of open(2) or read(2). */
export function fileHash(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    for (let length = -1; length !== 0; ) {
      length = readSync(fd, chunk, 0, CHUNK_BYTES, null);
      hash.update(chunk.subarray(0, length));
    }
    return hash.digest("hex");
  } finally {
    closeSync(fd);
  }
}

/** Whether the file is an executable of root's with the same content as this one. */
export function isInstalled(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !isRoots(stats)) return false;
  return stats.size === statSync(ownExecutable).size && fileHash(path) === fileHash(ownExecutable);
}

function isRoots({ mode, uid }: Stats): boolean {
  return (mode & 0o7777) === 0o755 && (uid === 0 || process.geteuid?.() !== 0);
}

/** @throws Failure where this program is not an executable of its own, but run by Node.js or Bun. */
export function requireOwnExecutable(runtime: string): void {
  if (!/^(node|bun)(\.exe)?$/.test(basename(runtime))) return;
  throw new Failure("install the executable: this program is run by a runtime, and is not an executable", {
    code: "NoExecutable",
    remedy: "use the executable of the release",
  });
}

/** Where the executable that is replaced waits until all has gone well. */
function previousPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.aliyun-acr.previous`);
}

/**
 * Puts this executable at the path, by rename: one that runs goes on, and each start finds the old one or the new one. The
 * old one is kept beside it until `forgetPrevious`. @throws the error of the file system.
 */
export function placeExecutable(path: string): void {
  makeDirectories(dirname(path));
  const temporary = temporaryPath(path);
  removeFile(temporary);
  try {
    copyFileSync(ownExecutable, temporary, constants.COPYFILE_EXCL);
    const fd = openSync(temporary, constants.O_RDWR);
    try {
      finish(fd, { mode: 0o755, uid: 0, gid: 0 });
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
  keepPrevious(path);
  takePlace(temporary, path);
}

function keepPrevious(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  removeFile(previousPath(path));
  linkSync(path, previousPath(path));
}

/** The executable as it was before `placeExecutable`: the old one, or none. */
export function restoreExecutable(path: string): void {
  if (lstatSync(previousPath(path), { throwIfNoEntry: false })) renameSync(previousPath(path), path);
  else removeFile(path);
}

/** Removes what was kept for the way back. */
export function forgetPrevious(path: string): void {
  // Of a file system that is read-only even what is not there cannot be removed.
  if (lstatSync(previousPath(path), { throwIfNoEntry: false })) removeFile(previousPath(path));
}
