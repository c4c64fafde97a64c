import { spawn } from "node:child_process";
import { root } from "../../scripts/project.ts";

/** The runtime that the tested executable is made of: `npm run test:node` chooses Node.js. */
export const runtime = process.env.ACR_TEST_RUNTIME === "node" ? "node" : "bun";

/** The built executable, which `npm test` builds first, or another one (`npm run test:release` has it emulated). */
export const executable =
  process.env.ACR_TEST_EXECUTABLE ??
  `${root}dist/aliyun-acr-credential-provider${runtime === "node" ? "-node" : ""}`;

export interface RunOptions {
  readonly path?: string;
  readonly args?: readonly string[];
  readonly stdin?: string | Uint8Array;
  /** Nothing is inherited: the kubelet of a systemd unit has hardly any environment. */
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** How stdin is written: whole, byte by byte, or held open after the last byte. */
  readonly write?: "whole" | "bytes" | "never end";
  readonly stderr?: "pipe" | "ignore";
}

export interface RunResult {
  /** null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** Runs the executable as the kubelet does: a real process, no shell, by default no environment and cwd `/`. */
export function runExecutable(options: RunOptions = {}): Promise<RunResult> {
  const startedAt = performance.now();
  const child = spawn(options.path ?? executable, [...(options.args ?? [])], {
    cwd: options.cwd ?? "/",
    env: options.env ?? {},
    stdio: ["pipe", "pipe", options.stderr ?? "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk) => stdout.push(chunk));
  child.stderr?.on("data", (chunk) => stderr.push(chunk));
  // A process that does not read all of its input ends the pipe: that is its right.
  child.stdin?.on("error", () => {});
  void feed(child.stdin as NodeJS.WritableStream, Buffer.from(options.stdin ?? ""), options.write ?? "whole");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) =>
      resolve({
        status,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        ms: performance.now() - startedAt,
      }),
    );
  });
}

async function feed(
  stdin: NodeJS.WritableStream,
  bytes: Buffer,
  how: NonNullable<RunOptions["write"]>,
): Promise<void> {
  if (how !== "bytes") {
    stdin.write(bytes);
    if (how === "whole") stdin.end();
    return;
  }
  for (const byte of bytes) {
    stdin.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  stdin.end();
}
