import { type ChildProcess, spawn } from "node:child_process";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What a command said, or why it did not run to its end. */
export type CommandResult =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly why: string; readonly status?: number | undefined };

export interface RunBounds {
  /** 3 s. */
  readonly timeoutMs?: number;
  /** Of each of its outputs: 64 KiB. */
  readonly maxBytes?: number;
  /** What it has as stdin: nothing, or an open file. */
  readonly stdin?: number | undefined;
}

/**
 * Runs a program: without a shell, with no environment but a PATH, in `/`. It is killed when it takes longer or prints more
 * than its bounds. Does not throw.
 */
export function boundedRun(
  program: string,
  args: readonly string[],
  { timeoutMs = 3000, maxBytes = 64 * 1024, stdin }: RunBounds = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = started(program, args, stdin);
    if ("code" in child) return resolve({ ok: false, why: whyNotStarted(program, child.code) });
    const said = { stdout: "", stderr: "" };
    const end = (why: string) => {
      child.kill("SIGKILL");
      // A process of its own may still hold the pipes.
      finish({ ok: false, why });
    };
    const timer = setTimeout(() => end(`it did not end within ${timeoutMs / 1000} s`), timeoutMs);
    const finish = (result: CommandResult) => {
      clearTimeout(timer);
      resolve(result);
    };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.on("data", (chunk: Buffer) => {
        said[name] += chunk;
        if (said[name].length > maxBytes) end("it prints without end");
      });
    }
    child.on("error", ({ code }: NodeJS.ErrnoException) =>
      finish({ ok: false, why: whyNotStarted(program, code) }),
    );
    child.on("close", (status, signal) => {
      if (status === 0) finish({ ok: true, stdout: said.stdout });
      else finish({ ok: false, why: whyItEnded(status, signal, said.stderr), status: status ?? undefined });
    });
  });
}

/** Bun throws for what is not executable, where Node.js emits an error. */
function started(
  program: string,
  args: readonly string[],
  stdin: number | undefined,
): ChildProcess | { readonly code: string } {
  try {
    return spawn(program, args, { cwd: "/", env: { PATH }, stdio: [stdin ?? "ignore", "pipe", "pipe"] });
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

function whyNotStarted(program: string, code = "error"): string {
  return code === "ENOENT" && !program.includes("/") ? `there is no ${program} in ${PATH}` : code;
}

function whyItEnded(status: number | null, signal: string | null, stderr: string): string {
  const [line = ""] = stderr.trim().split("\n");
  return `${signal ?? `exit status ${status}`}${line === "" ? "" : `: ${line.slice(0, 200)}`}`;
}
