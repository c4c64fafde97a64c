import { lstatSync, readlinkSync } from "node:fs";
import { join, normalize } from "node:path";
import { Unreadable } from "../credentialProviderConfig/kubeletFiles.ts";

/** As many as path_resolution(7) follows. */
const MAX_LINKS = 40;

/**
 * An absolute path of another root as a path of this one, every link on the way resolved within that root: the kernel
 * would take an absolute one for ours. What does not exist, or may not be looked at, is left as it is.
 * @throws Unreadable where links lead in a circle.
 */
export function pathBelow(root: string, path: string): string {
  let left = normalize(path).split("/");
  let reached: string[] = [];
  for (let links = 0; left.length > 0; ) {
    const [step = "", ...rest] = left;
    left = rest;
    if (step === "" || step === ".") continue;
    if (step === "..") {
      reached = reached.slice(0, -1);
      continue;
    }
    const target = linkAt(join(root, ...reached, step));
    if (target === undefined) {
      reached = [...reached, step];
      continue;
    }
    if (++links > MAX_LINKS) throw new Unreadable("its symbolic links lead in a circle");
    if (target.startsWith("/")) reached = [];
    left = [...target.split("/"), ...left];
  }
  return join(root, ...reached);
}

function linkAt(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}
