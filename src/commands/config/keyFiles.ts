import { closeSync, constants, fchmodSync, linkSync, lstatSync, readFileSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { KeyFile } from "../../config/importConfiguration.ts";
import { Failure } from "../../failure/failure.ts";
import { makeDirectories } from "../../files/makeDirectories.ts";
import { createFile, openRegularFile, UnfitFile } from "../../files/regularFile.ts";

const { O_NOFOLLOW, O_RDONLY } = constants;

/**
 * Writes AccessKey files: mode 0600, in directories of mode 0700 that are made where they are missing. A file that
 * holds just that already is left; nothing is written when one holds something else, or a link stands in the way.
 * @throws Failure `KeysNotWritten`
 */
export function writeKeyFiles(files: readonly KeyFile[]): void {
  const folders = [...new Set(files.map(({ path }) => dirname(path)))];
  for (const folder of [...folders.map(dirname), ...folders]) requireDirectory(folder);
  const missing = files.filter((file) => !isWritten(file));
  for (const folder of folders) attempt(folder, () => makeDirectories(folder, 0o700));
  for (const { path, content } of missing) {
    attempt(path, () => writeWhole(path, `${content}\n`));
  }
}

/** Makes a file that was not there, whole or not at all: a full disk must not leave half a key. */
function writeWhole(path: string, text: string): void {
  // Not named after the process: in a container each is number 1, and would stumble over what a killed one left.
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  createFile(temporary, text);
  try {
    linkSync(temporary, path);
  } finally {
    unlinkSync(temporary);
  }
}

/** What is there already must be a directory that no one else can change. */
function requireDirectory(path: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isDirectory()) throw notWritten(path, "is not a directory, or is a symbolic link");
  if ((status.mode & 0o022) !== 0) {
    throw notWritten(path, "is open to changes by group or others", `run "chmod go-w ${path}"`);
  }
}

/** Whether the file is there with this content; its mode is then made right. */
function isWritten({ path, content }: KeyFile): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  const { fd } = attempt(path, () => openRegularFile(path, O_RDONLY | O_NOFOLLOW));
  try {
    const there = readFileSync(fd, "utf8").trim();
    if (there === "") {
      // What an earlier attempt left that met a full disk.
      unlinkSync(path);
      return false;
    }
    if (there !== content) throw notWritten(path, "holds something else already");
    fchmodSync(fd, 0o600);
    return true;
  } finally {
    closeSync(fd);
  }
}

function attempt<Result>(path: string, open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UnfitFile || code === "ELOOP") {
      throw notWritten(path, "is not a regular file, or a symbolic link");
    }
    throw notWritten(
      path,
      `cannot be made (${code ?? "error"})`,
      "check the directory and its disk, then try again",
    );
  }
}

function notWritten(path: string, cause: string, remedy = "remove it, or name another directory"): Failure {
  return new Failure(`write the AccessKey files: ${path} ${cause}`, { code: "KeysNotWritten", remedy });
}
