import {
  closeSync,
  constants,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { openRegularFile } from "../files/regularFile.ts";

/**
 * Appends one line to the log, which is moved to `FILE.1` (replacing the one before) once it has reached
 * `maxSizeBytes`. A log that cannot be written, or cannot be moved away once it is full, never fails a pull, and there
 * is nowhere to say so: the line is lost.
 */
export function appendToLog(file: string, maxSizeBytes: number, line: string): void {
  try {
    const bytes = Buffer.from(line);
    let log = openLog(file);
    try {
      if (log.stats.size + bytes.length > maxSizeBytes && log.stats.size > 0) {
        rotate(file, log.stats.ino);
        const full = log.fd;
        log = openLog(file);
        closeSync(full);
      }
      writeSync(log.fd, endsInLine(log) ? bytes : Buffer.concat([Buffer.of(NEWLINE), bytes]));
    } finally {
      closeSync(log.fd);
    }
  } catch {}
}

const NEWLINE = 0x0a;

/** Whether the log ends as a line does. A full disk cuts lines off, and the next one must not be read as part of it. */
function endsInLine({ fd, stats }: Log): boolean {
  if (stats.size === 0) return true;
  const last = Buffer.alloc(1);
  return readSync(fd, last, 0, 1, stats.size - 1) === 0 || last[0] === NEWLINE;
}

interface Log {
  readonly fd: number;
  readonly stats: Stats;
}

function openLog(file: string): Log {
  return openRegularFile(
    file,
    constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
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
  } catch (error) {
    // Where there can be no lock the log cannot be moved either, and must not grow forever.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Math.abs(Date.now() - made) > ABANDONED_AFTER_MS) rmSync(lock, { force: true });
    return false;
  }
}
