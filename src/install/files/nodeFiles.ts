import { basename, dirname, join } from "node:path";
import { kubeletFiles, type PlacedFiles } from "../../kubelet/credentialProviderConfig/kubeletFiles.ts";
import { pathBelow } from "../../kubelet/running/pathBelow.ts";

/** The files of a node, whose own `/` may be a directory here: of a mounted host, or of an image that is being built. */
export interface NodeFiles extends PlacedFiles {
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

export function nodeFiles(root: string): NodeFiles {
  const here = (path: string) => pathBelow(root, path);
  return {
    root,
    here,
    itself: (path) => join(here(dirname(path)), basename(path)),
    kindOf: (path) => kubeletFiles.kindOf(here(path)),
    list: (directory) => kubeletFiles.list(here(directory)),
    read: (path) => kubeletFiles.read(here(path)),
  };
}
