import { readdirSync, statSync } from "node:fs";
import { readRegularFile, UnfitFile } from "../../files/regularFile.ts";

/** A file or directory that cannot be read; the message is the reason, to follow "it cannot be read:". */
export class Unreadable extends Error {}

/** The files that the kubelet reads; whoever checks a change before making it has others. All throw Unreadable. */
export interface KubeletFiles {
  /** What a path leads to, links followed; undefined: nothing is there. */
  kindOf(path: string): "file" | "directory" | undefined;
  /** The names in a directory that are not directories themselves; a link to a directory is not one. */
  list(directory: string): readonly string[];
  /** The bytes of a file. */
  read(path: string): Uint8Array;
}

/** Files that are elsewhere for this process: below another root. */
export interface PlacedFiles extends KubeletFiles {
  /** A path of theirs as this process reaches it. @throws Unreadable where its links lead in a circle. */
  here(path: string): string;
}

/** No config comes near it. */
const MAX_BYTES = 1024 * 1024;

/** The files of this machine. */
export const kubeletFiles: KubeletFiles = {
  kindOf: (path) =>
    inWords(() => {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats && (stats.isDirectory() ? "directory" : "file");
    }),
  list: (directory) =>
    inWords(() => {
      const entries = readdirSync(directory, { withFileTypes: true });
      return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    }),
  read: (path) => inWords(() => readRegularFile(path, { maxBytes: MAX_BYTES }).bytes),
};

/** The text of a file; undefined where there is none. @throws Unreadable. */
export function textOf(files: KubeletFiles, path: string): string | undefined {
  return files.kindOf(path) === undefined ? undefined : Buffer.from(files.read(path)).toString("utf8");
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission denied",
  ELOOP: "its symbolic links lead in a circle",
};

function inWords<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnfitFile) throw new Unreadable(error.message);
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Unreadable(reasons[code] ?? message, { cause: error });
  }
}
