import { copyFileSync } from "node:fs";
import type { Measured } from "../time.ts";

/** Of a file's bytes, what may stay in memory where all were told to go: the kernel keeps pages that it works on. */
const LEFT = 0.01;

/** A copy whose pages are in memory as those of any new file, and on the disk too, so that they can be dropped. */
export function freshCopy(from: string, to: string): void {
  copyFileSync(from, to);
  said("sync", to);
}

/**
 * The same by a copy of its executable whose pages are out of memory before each run, as after a reboot; those of the C
 * library stay. A copy, because a file is slower to start from pages that were read back one by one than from new ones.
 * @throws Error, from `before`, where the kernel keeps them.
 */
export function withoutPages({ argv, before, ...command }: Measured): Measured {
  const [executable = "", ...args] = argv;
  const copy = `${executable}.dropped`;
  freshCopy(executable, copy);
  const { size } = Bun.file(copy);
  return {
    ...command,
    argv: [copy, ...args],
    before: () => {
      before?.();
      // posix_fadvise(POSIX_FADV_DONTNEED) of the whole file: the manual of dd, `nocache`.
      said("dd", `if=${copy}`, "iflag=nocache", "count=0", "status=none");
      const left = Number(said("fincore", "--bytes", "--noheadings", "--output", "RES", copy));
      if (!(left <= LEFT * size)) throw new Error(`drop the pages of ${copy}: ${left} bytes are in memory`);
    },
  };
}

function said(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
  return stdout.toString();
}
