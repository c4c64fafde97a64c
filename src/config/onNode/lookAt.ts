import { lstatSync, type Stats, statSync } from "node:fs";

/** What stands at a path of this node: undefined when there is nothing. `obstacle`: why that cannot be known. */
export interface Seen {
  readonly stats?: Stats;
  readonly obstacle?: string;
}

/** Looks at a path; at a symbolic link itself with `noFollow`. Changes nothing, never throws. */
export function lookAt(path: string, { noFollow = false } = {}): Seen {
  try {
    return { stats: noFollow ? lstatSync(path) : statSync(path) };
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? {} : { obstacle: `cannot be looked at (${code})` };
  }
}
