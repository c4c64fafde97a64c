import { boundedRun, type CommandResult } from "../../kubelet/running/boundedRun.ts";

export interface CommandOptions {
  /** The node's `/`: any other than this machine's is entered by chroot(1). */
  readonly root: string;
  /** What it has as stdin: nothing, or an open file. */
  readonly stdin?: number;
}

/** Runs a program of the node: systemctl, journalctl, flock, for 10 s and 1 MiB of output at most. Does not throw. */
export function hostCommand(
  program: string,
  args: readonly string[],
  { root, stdin }: CommandOptions,
): Promise<CommandResult> {
  const [file, ...words] =
    root === "/" ? ([program, ...args] as const) : (["chroot", root, program, ...args] as const);
  return boundedRun(file, words, { timeoutMs: 10_000, maxBytes: 1024 * 1024, stdin });
}
