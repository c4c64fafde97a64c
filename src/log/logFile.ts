import { closeSync, constants, openSync, renameSync, rmSync, type Stats, statSync, writeSync } from "node:fs";
import { openRegularFile } from "../files/regularFile.ts";

/**
 * Appends one line to the log, which is moved to `FILE.1` (replacing the one before) once it has reached
 * `maxSizeBytes`. A log that cannot be written never fails a pull, and there is nowhere to say so: the
 * line is lost.
 */
export function appendToLog(file: string, maxSizeBytes: number, line: string): void {
  try {
    let { fd, stats } = openLog(file);
    try {
      if (stats.size + line.length > maxSizeBytes && stats.size > 0) {
        rotate(file, stats.ino);
        closeSync(fd);
        ({ fd, stats } = openLog(file));
      }
      writeSync(fd, line);
    } finally {
      closeSync(fd);
    }
  } catch {}
}

function openLog(file: string): { fd: number; stats: Stats } {
  return openRegularFile(
    file,
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
  );
}

/** Whoever rotates holds this for microseconds; one that is older (ms) was left by a process that was killed. */
const ABANDONED_AFTER_MS = 10_000;

/**
 * Moves the full log away, unless another process does so, or has just done so: two at once would move the new log over
 * the old one. Whoever does not get to it appends where it stands. Others may take the log or the lock away between any
 * two steps here, and that must not cost the line.
 */
function rotate(file: string, inode: number): void {
  const lock = `${file}.lock`;
  if (!taken(lock)) return;
  try {
    if (statSync(file, { throwIfNoEntry: false })?.ino === inode) renameSync(file, `${file}.1`);
  } finally {
    rmSync(lock, { force: true });
  }
}

function taken(lock: string): boolean {
  try {
    closeSync(openSync(lock, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
    return true;
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Math.abs(Date.now() - made) > ABANDONED_AFTER_MS) rmSync(lock, { force: true });
    return false;
  }
}
