import { lstatSync, readlinkSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import {
  type KubeletFiles,
  kubeletFiles,
  Unreadable,
} from "../../kubelet/credentialProviderConfig/kubeletFiles.ts";

/** The files of a node, whose own `/` may be a directory here: of a mounted host, or of an image that is being built. */
export interface NodeFiles extends KubeletFiles {
  /** The node's `/` as a path of this machine, `/` itself where it is this machine. */
  readonly root: string;
  /**
   * A path of the node as a path of this machine, every link on the way resolved within the node: the kernel would take
   * an absolute one for a path of this machine. What does not exist is left as it is.
   * @throws Unreadable where links lead in a circle.
   */
  here(path: string): string;
  /** The same, but a link at the very end is not followed: it is the link itself that is replaced or removed. */
  itself(path: string): string;
}

/** As many as path_resolution(7) follows. */
const MAX_LINKS = 40;

export function nodeFiles(root: string): NodeFiles {
  const here = (path: string) => below(root, path);
  return {
    root,
    here,
    itself: (path) => join(here(dirname(path)), basename(path)),
    kindOf: (path) => kubeletFiles.kindOf(here(path)),
    list: (directory) => kubeletFiles.list(here(directory)),
    read: (path) => kubeletFiles.read(here(path)),
  };
}

/** The text of a file of the node; undefined where there is none. @throws Unreadable. */
export function textOf(files: KubeletFiles, path: string): string | undefined {
  return files.kindOf(path) === undefined ? undefined : Buffer.from(files.read(path)).toString("utf8");
}

function below(root: string, path: string): string {
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
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
}
