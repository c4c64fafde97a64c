import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { NodeFiles } from "./nodeFiles.ts";
import { makeDirectories, putFile, restoreFile, type SavedFile, savedFile } from "./savedFile.ts";

/** A file of the node that is made, replaced or removed. */
export interface FileChange {
  /** What it is, for people: `config`, `flags`. */
  readonly what: string;
  /** As the node names it. */
  readonly path: string;
  /** Undefined: there is none. */
  readonly before: SavedFile | undefined;
  /** Undefined: it is removed. */
  readonly after: SavedFile | undefined;
}

/** A change of a file's text: its owner and mode stay, a new one is root's. Undefined: there is nothing to change. */
export function textChange(
  files: NodeFiles,
  what: string,
  path: string,
  text: string | undefined,
  newMode = 0o644,
): FileChange | undefined {
  const before = savedFile(files.here(path));
  if (text === undefined) return before === undefined ? undefined : { what, path, before, after: undefined };
  const bytes = Buffer.from(text);
  if (before !== undefined && bytes.equals(before.bytes)) return undefined;
  const { mode, uid, gid } = before ?? { mode: newMode, uid: 0, gid: 0 };
  return { what, path, before, after: { bytes, mode, uid, gid } };
}

/** The node's files as they will be after the changes. */
export function withChanges(files: NodeFiles, changes: readonly (FileChange | undefined)[]): NodeFiles {
  const made = new Map(
    changes.flatMap((change) => (change ? [[files.here(change.path), change.after]] : [])),
  );
  const folders = new Set([...made].flatMap(([path, after]) => (after ? [dirname(path)] : [])));
  return {
    ...files,
    kindOf(path) {
      const here = files.here(path);
      if (made.has(here)) return made.get(here) === undefined ? undefined : "file";
      return folders.has(here) ? "directory" : files.kindOf(path);
    },
    list(directory) {
      const here = files.here(directory);
      const below = [...made].filter(([path]) => dirname(path) === here);
      const names = files.kindOf(directory) === undefined ? [] : files.list(directory);
      const untouched = names.filter((name) => !below.some(([path]) => basename(path) === name));
      return [...untouched, ...below.flatMap(([path, after]) => (after ? [basename(path)] : []))];
    },
    read: (path) => made.get(files.here(path))?.bytes ?? files.read(path),
  };
}

/** Makes one change, with the folders that it needs. @throws the error of the file system. */
export function applyChange(files: NodeFiles, { path, after }: FileChange): void {
  const here = files.here(path);
  if (after === undefined) {
    restoreFile(here, undefined);
    return;
  }
  makeDirectories(dirname(here));
  putFile(here, after);
}

/** Puts a file back as it was before a change. @throws the error of the file system. */
export function restoreChange(files: NodeFiles, { path, before }: Pick<FileChange, "path" | "before">): void {
  restoreFile(files.here(path), before);
}

/** The folders above a path that are not there, the highest first, as the node names them. */
export function missingFolders(files: NodeFiles, path: string): string[] {
  const folder = dirname(path);
  if (folder === path || statSync(files.here(folder), { throwIfNoEntry: false })) return [];
  return [...missingFolders(files, folder), folder];
}
