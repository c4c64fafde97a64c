import { readlinkSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { kubeletFiles, type PlacedFiles } from "../credentialProviderConfig/kubeletFiles.ts";
import { pathBelow } from "./pathBelow.ts";

/** The file system as a process sees it. */
export interface ProcessFiles extends PlacedFiles {
  /**
   * How this process reaches a path of that one: the path itself where both see the same files, else a path below
   * /proc/PID/root, links followed as that process would follow them.
   * @throws Unreadable where its links lead in a circle.
   */
  here(path: string): string;
  /**
   * `same`: both see the same files. `mounts`: the root is the same, with mounts of its own. `root`: another root, as in
   * a container: whoever runs there need not be trusted here.
   */
  readonly view: "same" | "mounts" | "root";
  /** What stands before its absolute paths here: nothing, or `/proc/PID/root`. */
  readonly root: string;
}

/** The files of this process. */
export const ownFiles: ProcessFiles = { ...kubeletFiles, view: "same", root: "", here: (path) => path };

/** The files as a running process sees them; relative paths begin in its working directory. */
export function filesOf(pid: number): ProcessFiles {
  const view = viewOf(pid);
  const root = view === "same" ? "" : `/proc/${pid}/root`;
  const here = (path: string) => {
    const absolute = isAbsolute(path) ? path : join(workingDirectory(pid), path);
    return root === "" ? absolute : pathBelow(root, absolute);
  };
  return {
    view,
    root,
    here,
    kindOf: (path) => kubeletFiles.kindOf(here(path)),
    list: (directory) => kubeletFiles.list(here(directory)),
    read: (path) => kubeletFiles.read(here(path)),
  };
}

function viewOf(pid: number): ProcessFiles["view"] {
  try {
    const [theirs, ours] = [statSync(`/proc/${pid}/root/`), statSync("/")];
    if (theirs.dev !== ours.dev || theirs.ino !== ours.ino) return "root";
    return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync("/proc/self/ns/mnt") ? "same" : "mounts";
  } catch {
    // Another user's process, whom only root may look at: then its files are those that anyone sees.
    return "same";
  }
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "/";
  }
}
