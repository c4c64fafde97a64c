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
 * The same with the pages of its executable out of memory before each run, as after a reboot; those of the C library
 * stay. @throws Error, from `before`, where the kernel keeps them.
 */
export function withoutPages(command: Measured, executable: string): Measured {
  const { size } = Bun.file(executable);
  const before = () => {
    command.before?.();
    // posix_fadvise(POSIX_FADV_DONTNEED) of the whole file: the manual of dd, `nocache`.
    said("dd", `if=${executable}`, "iflag=nocache", "count=0", "status=none");
    const left = Number(said("fincore", "--bytes", "--noheadings", "--output", "RES", executable));
    if (!(left <= LEFT * size))
      throw new Error(`drop the pages of ${executable}: ${left} bytes are in memory`);
  };
  return { ...command, before };
}

function said(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
  return stdout.toString();
}
