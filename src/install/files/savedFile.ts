import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { readRegularFile } from "../../files/regularFile.ts";

/** All that has to be put back of a file: what is in it, whose it is, and who may do what with it. */
export interface SavedFile {
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Everything that is kept whole in memory is far smaller. */
const MAX_BYTES = 1024 * 1024;

/** A new file of root's that everyone may read. */
export function rootFile(text: string, mode = 0o644): SavedFile {
  return { bytes: Buffer.from(text), mode, uid: 0, gid: 0 };
}

/** A file as it is; undefined where there is none. @throws UnfitFile, or the error of open(2). */
export function savedFile(path: string): SavedFile | undefined {
  try {
    const { bytes, stats } = readRegularFile(path, { maxBytes: MAX_BYTES });
    return { bytes, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Where a file is written before it takes its place. No kubelet reads a name that ends like this in a directory of configs. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.aliyun-acr.tmp`);
}

/**
 * Replaces a file in one step, or makes it: whoever opens it finds the old content or the new one, also after a power
 * cut. The folder must exist, and no one else may write to the same file at once: there is a lock for that.
 * @throws the error of the file system; then the file is as it was.
 */
export function putFile(path: string, { bytes, mode, uid, gid }: SavedFile): void {
  const temporary = temporaryPath(path);
  removeFile(temporary);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(fd, bytes);
    finish(fd, { mode, uid, gid });
  } catch (error) {
    closeSync(fd);
    removeFile(temporary);
    throw error;
  }
  closeSync(fd);
  takePlace(temporary, path);
}

/** Gives an open file its owner and mode, and waits until the disk has it. */
export function finish(fd: number, { mode, uid, gid }: Omit<SavedFile, "bytes">): void {
  if (process.geteuid?.() === 0) fchownSync(fd, uid, gid);
  fchmodSync(fd, mode);
  fsyncSync(fd);
}

/** Renames a finished file to its own name, and waits until the disk has that. */
export function takePlace(temporary: string, path: string): void {
  try {
    renameSync(temporary, path);
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
  syncDirectory(dirname(path));
}

/** Removes a file; nothing happens where there is none. @throws the error of unlink(2). */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** Puts a file back as it was: also where there was none. @throws the error of the file system. */
export function restoreFile(path: string, before: SavedFile | undefined): void {
  if (before !== undefined) {
    putFile(path, before);
    return;
  }
  removeFile(path);
  if (statSync(dirname(path), { throwIfNoEntry: false })) syncDirectory(dirname(path));
}

/** Makes a folder of root's and those above it, where missing. @returns those that it made, the highest first. */
export function makeDirectories(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  const above = path === dirname(path) ? [] : makeDirectories(dirname(path));
  mkdirSync(path, { mode: 0o755 });
  syncDirectory(dirname(path));
  return [...above, path];
}

/** Removes a folder if it is empty. @returns whether it did. */
export function removeEmptyDirectory(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
