import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import { makeDirectories } from "../files/makeDirectories.ts";
import { createFile, readRegularFile, UnfitFile } from "../files/regularFile.ts";

/** STS tokens have no documented limit; nothing that is kept here comes near this. */
const MAX_FILE_BYTES = 256 * 1024;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;
/** As many as Linux follows (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * The directory's path without symbolic links in the folders above it, so that whoever may turn a link later turns
 * nothing of ours. It need not exist.
 * @throws Error when someone else can change a folder or a link on the way, and so lead us elsewhere; of the file system.
 */
export function withoutLinks(directory: string): string {
  const ahead = stepsOf(directory);
  const name = ahead.pop() ?? "";
  let way = "";
  let links = 0;
  requireSafe("/", lstatSync("/"));
  for (let step = ahead.shift(); step !== undefined; step = ahead.shift()) {
    const path = step === ".." ? way.slice(0, way.lastIndexOf("/")) || "/" : `${way}/${step}`;
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) requireSafe(path, stats);
    if (!stats?.isSymbolicLink()) {
      way = path === "/" ? "" : path;
      continue;
    }
    if (++links > MAX_LINKS) throw new Error(`${path} above it leads in a circle`);
    const target = readlinkSync(path);
    if (target.startsWith("/")) way = "";
    ahead.unshift(...stepsOf(target));
  }
  return `${way}/${name}`;
}

function stepsOf(path: string): string[] {
  const steps: string[] = [];
  for (const part of path.split("/")) if (part !== "" && part !== ".") steps.push(part);
  return steps;
}

/**
 * What stands above belongs to root or to this user, and no one else can write to it (root's group counts as root, which
 * some systems have for /run). In a sticky folder such as /tmp others cannot move what is ours.
 */
function requireSafe(path: string, stats: Stats): void {
  const { mode, uid, gid } = stats;
  if (uid !== 0 && uid !== process.geteuid?.()) throw new Error(`${path} above it belongs to user ${uid}`);
  if (stats.isSymbolicLink()) return;
  const byOthers = gid === 0 ? 0o002 : OTHERS_WRITE;
  if ((mode & byOthers) !== 0 && (mode & STICKY) === 0) {
    throw new Error(`${path} above it is writable by group or others`);
  }
}

/**
 * Whether the directory may be read: it is a directory (no symbolic link) of this user that no one else can write to.
 * Changes nothing.
 * @param directory a path `withoutLinks`, so that no one else can put another one in its place.
 * @returns false when it does not exist. @throws Error that says what is wrong with it.
 */
export function isPrivateDirectory(directory: string): boolean {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  if (stats.isSymbolicLink()) throw new Error(`${directory} is a symbolic link: name the directory itself`);
  if (!stats.isDirectory())
    throw new Error(`${directory} is not a directory: name one that is empty, or is not there yet`);
  requireOwn(stats, directory);
  if ((stats.mode & OTHERS_WRITE) !== 0) {
    throw new Error(`${directory} is writable by group or others: run "chmod 0700 ${directory}"`);
  }
  return true;
}

/**
 * Makes sure that the directory can be written to, as `checkPrivateDirectory` wants it; it is made where it is missing,
 * and one that is merely readable by others is closed to them. Nothing is changed about one that is refused.
 * @returns the names in it. @throws Error that says what is wrong with it.
 */
export function preparePrivateDirectory(directory: string, isOurs: (name: string) => boolean): string[] {
  const names = checkPrivateDirectory(directory, isOurs);
  if (names === undefined) {
    makeDirectories(directory, 0o700);
    // Whoever was faster in a folder that others can write to is found out here.
    if (withoutLinks(directory) !== directory) throw new Error(`${directory} was replaced while it was made`);
    checkPrivateDirectory(directory, isOurs);
  }
  closeToOthers(directory);
  return names ?? [];
}

function closeToOthers(directory: string): void {
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(fd);
    requireOwn(stats, directory);
    if ((stats.mode & OTHERS) !== 0) fchmodSync(fd, 0o700);
  } finally {
    closeSync(fd);
  }
}

/**
 * Whether the directory could be written to: it is missing, or private and holds nothing but what `isOurs` knows.
 * Changes nothing. @returns the names in it; undefined when it is missing. @throws Error that says what is wrong with it.
 */
export function checkPrivateDirectory(
  directory: string,
  isOurs: (name: string) => boolean,
): string[] | undefined {
  if (!isPrivateDirectory(directory)) return undefined;
  const names = readdirSync(directory);
  const foreign = names.find((name) => !isOurs(name));
  if (foreign !== undefined) {
    throw new Error(
      `${directory} holds ${JSON.stringify(foreign)}, which is not the cache's: name a folder of its own`,
    );
  }
  return names;
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
  createFile(temporaryPath, content);
  try {
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
