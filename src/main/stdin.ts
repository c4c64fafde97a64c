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
  if (fd === undefined) return readSocket(maxBytes, timeoutMs);
  const endsAt = performance.now() + timeoutMs;
  const chunks: Buffer[] = [];
  try {
    for (let total = 0; total <= maxBytes; ) {
      const chunk = readChunk(fd);
      if (chunk === "nothing yet") {
        if (performance.now() > endsAt) throw neverEnds(timeoutMs);
        await sleep(POLL_MS);
        continue;
      }
      if (chunk.length === 0) break;
      chunks.push(chunk);
      total += chunk.length;
    }
  } finally {
    closeSync(fd);
  }
  return Buffer.concat(chunks);
}

/** Opens stdin anew, so that a writer who never ends cannot block this process; a socket cannot be opened anew. */
function openWithoutBlocking(): number | undefined {
  try {
    return openSync("/proc/self/fd/0", constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** The same for a socket, and for whatever else cannot be opened anew, by the runtime's own stream. */
function readSocket(maxBytes: number, timeoutMs: number): Promise<Uint8Array> {
  const { stdin } = process;
  const chunks: Buffer[] = [];
  let total = 0;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(neverEnds(timeoutMs)), timeoutMs);
    const end = () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    };
    stdin.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      total += chunk.length;
      if (total > maxBytes) end();
    });
    stdin.on("end", end);
    stdin.on("error", (error) => reject(unreadable(error)));
  });
}

function neverEnds(timeoutMs: number): Failure {
  const remedy =
    "close stdin behind the request; the kubelet does, and is late only on a node without CPU to spare";
  return timeoutFailure("the end of the request on stdin", timeoutMs, remedy);
}

function readChunk(fd: number): Buffer | "nothing yet" {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    return chunk.subarray(0, readSync(fd, chunk, 0, CHUNK_BYTES, null));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN") return "nothing yet";
    if (code === "EOF") return chunk.subarray(0, 0);
    throw unreadable(error as Error);
  }
}

function unreadable({ message }: Error): Failure {
  return new Failure(`unable to read stdin: ${message}`, {
    code: "RequestInvalid",
    exitStatus: 2,
    remedy: "send one CredentialProviderRequest on stdin",
  });
}
