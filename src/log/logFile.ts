import { closeSync, constants, renameSync, type Stats, statSync, writeSync } from "node:fs";
import { openRegularFile } from "../files/regularFile.ts";

/**
 * Appends one line to the log, which is moved to `FILE.1` (replacing the one before) once it has reached
 * `maxSizeBytes`. Returns why it could not be written, or undefined: a log never fails a pull.
 */
export function appendToLog(file: string, maxSizeBytes: number, line: string): string | undefined {
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
    return undefined;
  } catch (error) {
    return `unable to write the log ${file}: ${(error as Error).message}`;
  }
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
