import { closeSync, constants, fstatSync, openSync, renameSync, statSync, writeSync } from "node:fs";

/**
 * Appends one line to the log, which is moved to `FILE.1` (replacing the one before) once it has reached
 * `maxSizeBytes`. Returns why it could not be written, or undefined: a log never fails a pull.
 */
export function appendToLog(file: string, maxSizeBytes: number, line: string): string | undefined {
  try {
    let fd = openLog(file);
    try {
      if (fstatSync(fd).size + line.length > maxSizeBytes && fstatSync(fd).size > 0) {
        rotate(file, fstatSync(fd).ino);
        closeSync(fd);
        fd = openLog(file);
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

function openLog(file: string): number {
  const flags =
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const fd = openSync(file, flags, 0o600);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new Error("not a regular file");
}

/** Moves the full log away, unless another process has just done so. */
function rotate(file: string, inode: number): void {
  if (statSync(file).ino === inode) renameSync(file, `${file}.1`);
}
