import { fstatSync, writeSync } from "node:fs";
import { Failure } from "../failure/failure.ts";
import { utf8 } from "../text/utf8.ts";

const STDOUT = 1;
const STDERR = 2;
const FULL_PIPE_PAUSE_MS = 1;

/**
 * Writes all of the text to a descriptor, waiting for a reader that is slow.
 * @throws Error when no one reads (EPIPE) or the descriptor is closed (EBADF).
 */
function writeAll(fd: number, text: string): void {
  const bytes = utf8(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_PAUSE_MS);
    }
  }
}

/** Writes all of the text to stdout. @throws Failure `OutputFailed` when no one reads it, or it cannot be written. */
export function writeToStdout(text: string): void {
  try {
    writeAll(STDOUT, text);
  } catch (cause) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw new Failure(`write to stdout: ${code}`, {
      code: "OutputFailed",
      remedy: "check who reads it, and the disk and the limits (RLIMIT_FSIZE) where it is a file",
      cause,
    });
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

/** Writes to stderr, which may be closed: then no one wants to know. */
export function writeToStderr(text: string): void {
  try {
    writeAll(STDERR, text);
  } catch {
    // There is nowhere left to say so.
  }
}
