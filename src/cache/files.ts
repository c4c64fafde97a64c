import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from "node:fs";
import { readRegularFile, UnfitFile } from "../files/regularFile.ts";

/** STS tokens have no documented limit; nothing that is kept here comes near this. */
const MAX_FILE_BYTES = 256 * 1024;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/**
 * Makes sure that the directory is there, is a directory (no symlink), belongs to this user and is closed to
 * everybody else (one that is merely readable by others is tightened).
 * @throws Error that says what is wrong with it.
 */
export function openPrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const stats = lstatSync(directory);
  if (stats.isSymbolicLink()) throw new Error(`${directory} is a symbolic link`);
  if (!stats.isDirectory()) throw new Error(`${directory} is not a directory`);
  requireOwn(stats, directory);
  if ((stats.mode & OTHERS_WRITE) !== 0) throw new Error(`${directory} is writable by group or others`);
  if ((stats.mode & OTHERS) !== 0) chmodSync(directory, 0o700);
}

/**
 * The content of a private file; undefined when there is none.
 * @throws Error when it is not a regular file of this user that is closed to others, or is too large.
 */
export function readPrivateFile(path: string): Buffer | undefined {
  const { bytes, stats } = read(path) ?? {};
  if (stats === undefined) return undefined;
  requireOwn(stats, path);
  if ((stats.mode & OTHERS) !== 0) throw new Error(`${path} is accessible by group or others`);
  return bytes;
}

function read(path: string): ReturnType<typeof readRegularFile> | undefined {
  try {
    return readRegularFile(path, { maxBytes: MAX_FILE_BYTES, noFollow: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (error instanceof UnfitFile) throw new Error(`${path}: ${error.message}`);
    throw error;
  }
}

/**
 * Replaces a private file in one step: whoever reads it sees the old content or the new one, never a part.
 * @throws Error of the file system; nothing is left behind then.
 */
export function replacePrivateFile(path: string, temporaryPath: string, content: string): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(temporaryPath, flags, 0o600);
  try {
    try {
      const bytes = Buffer.from(content);
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
    } finally {
      closeSync(fd);
    }
    renameSync(temporaryPath, path);
  } catch (error) {
    removeFile(temporaryPath);
    throw error;
  }
}

/** Removes a file; false when there was none or it cannot be removed. */
export function removeFile(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

function requireOwn(stats: Stats, path: string): void {
  const uid = process.geteuid?.();
  if (uid !== undefined && stats.uid !== uid) {
    throw new Error(`${path} belongs to user ${stats.uid}, not to user ${uid} who runs this`);
  }
}
