import { Failure } from "../failure/failure.ts";
import { applyChange, type FileChange, restoreChange } from "./files/changes.ts";
import { placeExecutable, restoreExecutable } from "./files/executableFile.ts";
import type { NodeFiles } from "./files/nodeFiles.ts";
import { removeEmptyDirectory } from "./files/savedFile.ts";
import { hostCommand } from "./host/hostCommand.ts";

export interface Changes {
  /** Where this executable is put, before all else; undefined: it is there already, or is not wanted. */
  readonly executable: string | undefined;
  /** In this order. */
  readonly changes: readonly FileChange[];
}

/** How a file was before: what `undo` puts back, in the opposite order. */
export type Earlier = Pick<FileChange, "path" | "before">;

/** Carries out the changes; what fails half-way is taken back. @throws Failure `NodeChangeFailed`. */
export async function applyPlan(files: NodeFiles, { executable, changes }: Changes): Promise<void> {
  const done: FileChange[] = [];
  let path = executable;
  let isPlaced = false;
  try {
    if (executable !== undefined) {
      placeExecutable(files.itself(executable));
      isPlaced = true;
      await requireRunnable(files.itself(executable));
    }
    for (const change of changes) {
      path = change.path;
      applyChange(files, change);
      done.push(change);
    }
  } catch (cause) {
    undo(files, isPlaced ? executable : undefined, done);
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Failure(`write ${path}: ${reasons[code ?? ""] ?? message}; all is as it was before`, {
      code: "NodeChangeFailed",
      remedy:
        path === executable
          ? "name another folder by --bin-dir, such as /opt/bin"
          : "fix that, and run this again",
      cause,
    });
  }
}

/** The kubelet itself only looks whether it may be run, and finds out at the first pull. */
async function requireRunnable(path: string): Promise<void> {
  const result = await hostCommand(path, ["--version"], { root: "/" });
  if (!result.ok)
    throw new Error(`it cannot be run there (${result.why}): the file system may be mounted noexec`);
}

const reasons: Readonly<Record<string, string>> = {
  EROFS: "it is on a file system that is read-only",
  EACCES: "permission denied (this has to run as root)",
  EPERM: "not permitted (this has to run as root; the file may be immutable)",
  ENOSPC: "no space is left",
};

/** Puts everything back: the last change first, and the executable, which a kubelet must find, at the very end. */
export function undo(files: NodeFiles, executable: string | undefined, earlier: readonly Earlier[]): void {
  for (const each of [...earlier].reverse()) restoreChange(files, each);
  if (executable !== undefined) restoreExecutable(files.itself(executable));
}

/** Removes the folders that are empty, the lowest first. @returns those that are left. */
export function removeFolders(files: NodeFiles, folders: readonly string[]): string[] {
  return folders.toReversed().filter((folder) => !removeEmptyDirectory(files.here(folder)));
}
