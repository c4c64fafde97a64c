import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";

const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 3000;

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** What a short command said, or why it did not. */
export type CommandResult = { readonly stdout: string } | { readonly failed: string };

/**
 * Runs a program that prints little and ends at once: without a shell, with no environment but a PATH, nothing on stdin.
 * It is ended after 3 s, or after 64 KiB of output.
 */
export function boundedRun(program: string, args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = started(program, args);
    if ("failed" in child) return resolve(child);
    const said = { stdout: "", stderr: "" };
    let ended = "";
    const end = (why: string) => {
      ended ||= why;
      child.kill("SIGKILL");
      // A process of its own may still hold the pipes.
      finish({ failed: ended });
    };
    const timer = setTimeout(() => end(`it did not end within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);
    const finish = (result: CommandResult) => {
      clearTimeout(timer);
      resolve(result);
    };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (chunk: Buffer) => {
        said[name] += chunk;
        if (said[name].length > MAX_BYTES) end("it prints without end");
      });
    }
    child.on("error", ({ code = "error" }: NodeJS.ErrnoException) => finish({ failed: code }));
    child.on("close", (status, signal) => {
      if (status === 0) finish({ stdout: said.stdout });
      else finish({ failed: ended || whyItEnded(status, signal, said.stderr) });
    });
  });
}

/** Bun throws for what is not executable, where Node.js emits an error. */
function started(program: string, args: readonly string[]): Child | { readonly failed: string } {
  try {
    return spawn(program, [...args], {
      cwd: "/",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    return { failed: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

function whyItEnded(status: number | null, signal: string | null, stderr: string): string {
  const [line = ""] = stderr.trim().split("\n");
  return `${signal ?? `exit status ${status}`}${line === "" ? "" : `: ${line.slice(0, 200)}`}`;
}
