import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { Failure } from "../failure/failure.ts";
import { timeoutFailure } from "../run/deadline.ts";

const STDIN = 0;
const CHUNK_BYTES = 64 * 1024;
const POLL_MS = 1;

/** Whether a person sits at stdin, who would wait for an answer that waits for them. */
export async function stdinIsTerminal(): Promise<boolean> {
  try {
    if (!fstatSync(STDIN).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return (await import("node:tty")).isatty(STDIN);
}

/**
 * Reads stdin to its end; of an input larger than `maxBytes` only a little more than that.
 * @throws Failure `Timeout` when it has not ended after `timeoutMs`, `RequestInvalid` when it cannot be read.
 */
export async function readStdin(
  maxBytes: number,
  timeoutMs: number,
  sleep: (ms: number) => Promise<void>,
): Promise<Uint8Array> {
  const fd = openWithoutBlocking();
  const endsAt = performance.now() + timeoutMs;
  const chunks: Buffer[] = [];
  try {
    for (let total = 0; total <= maxBytes; ) {
      const chunk = readChunk(fd);
      if (chunk === "nothing yet") {
        if (performance.now() > endsAt) throw timeoutFailure("the end of the request on stdin", timeoutMs);
        await sleep(POLL_MS);
        continue;
      }
      if (chunk.length === 0) break;
      chunks.push(chunk);
      total += chunk.length;
    }
  } finally {
    if (fd !== STDIN) closeSync(fd);
  }
  return Buffer.concat(chunks);
}

/** Opens stdin anew, so that a writer who never ends cannot block this process; a socket has to be read as it is. */
function openWithoutBlocking(): number {
  try {
    return openSync("/proc/self/fd/0", constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return STDIN;
  }
}

function readChunk(fd: number): Buffer | "nothing yet" {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    return chunk.subarray(0, readSync(fd, chunk, 0, CHUNK_BYTES, null));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN") return "nothing yet";
    if (code === "EOF") return chunk.subarray(0, 0);
    throw new Failure(`unable to read stdin: ${message}`, {
      code: "RequestInvalid",
      exitStatus: 2,
      remedy: "send one CredentialProviderRequest on stdin",
    });
  }
}
