import { fstatSync, writeSync } from "node:fs";

export const STDOUT = 1;
export const STDERR = 2;
const FULL_PIPE_PAUSE_MS = 1;

/**
 * Writes all of the text to a descriptor, waiting for a reader that is slow.
 * @throws Error when nobody reads (EPIPE) or the descriptor is closed (EBADF).
 */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_PAUSE_MS);
    }
  }
}

/**
 * Writes the one line of a failure to stderr. At a pipe it ends without a newline: the kubelet (1.35 and later) puts
 * what it read into one line of its log only if there is none in it.
 */
export function writeFailureLine(line: string): void {
  writeToStderr(stderrIsPipe() ? line : `${line}\n`);
}

function stderrIsPipe(): boolean {
  try {
    return fstatSync(STDERR).isFIFO();
  } catch {
    return false;
  }
}

/** Writes to stderr, which may be closed: then nobody wants to know. */
export function writeToStderr(text: string): void {
  try {
    writeAll(STDERR, text);
  } catch {
    // There is nowhere left to say so.
  }
}
