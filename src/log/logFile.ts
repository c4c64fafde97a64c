import { closeSync, constants, renameSync, type Stats, statSync, writeSync } from "node:fs";
import { openRegularFile } from "../files/regularFile.ts";

/**
 * Appends one line to the log, which is moved to `FILE.1` (replacing the one before) once it has reached
 * `maxSizeBytes`. A log that cannot be written is no reason for a pull to fail, and there is nowhere to say so: the
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

/** Moves the full log away, unless another process has just done so. */
function rotate(file: string, inode: number): void {
  if (statSync(file).ino === inode) renameSync(file, `${file}.1`);
}
