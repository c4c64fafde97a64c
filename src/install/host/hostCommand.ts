import { spawn } from "node:child_process";

const MAX_BYTES = 1024 * 1024;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What a command of the node said, or why it did not run to its end. */
export type CommandResult =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly why: string; readonly status?: number | undefined };

export interface CommandOptions {
  /** The node's `/`: any other than this machine's is entered by chroot(1). */
  readonly root: string;
  readonly timeoutMs?: number;
  /** What it has as stdin: nothing, or an open file. */
  readonly stdin?: number;
}

/**
 * Runs a program of the node: systemctl, journalctl, flock. Without a shell, with no environment but a PATH, in `/`. It is
 * killed after `timeoutMs` (10 s), or after 1 MiB of output. Does not throw.
 */
export function hostCommand(
  program: string,
  args: readonly string[],
  { root, timeoutMs = 10_000, stdin }: CommandOptions,
): Promise<CommandResult> {
  const [file, ...words] = root === "/" ? [program, ...args] : ["chroot", root, program, ...args];
  return new Promise((resolve) => {
    const child = spawn(file as string, words, {
      cwd: "/",
      env: { PATH },
      stdio: [stdin ?? "ignore", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    const end = (why: string) => {
      child.kill("SIGKILL");
      resolve({ ok: false, why });
    };
    const timer = setTimeout(() => end(`it did not end within ${timeoutMs / 1000} s`), timeoutMs);
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.on("data", (chunk: Buffer) => {
        said[name] += chunk;
        if (said[name].length > MAX_BYTES) end("it prints without end");
      });
    }
    child.on("error", ({ code }: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve({ ok: false, why: code === "ENOENT" ? `there is no ${file} in ${PATH}` : (code ?? "error") });
    });
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      if (status === 0) resolve({ ok: true, stdout: said.stdout });
      else resolve({ ok: false, why: whyItEnded(status, signal, said.stderr), status: status ?? undefined });
    });
  });
}

function whyItEnded(status: number | null, signal: string | null, stderr: string): string {
  const [line = ""] = stderr.trim().split("\n");
  return `${signal ?? `exit status ${status}`}${line === "" ? "" : `: ${line.slice(0, 200)}`}`;
}
