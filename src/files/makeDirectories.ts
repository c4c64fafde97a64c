import { existsSync, mkdirSync, statSync } from "node:fs";

/**
 * Makes a directory, and those above it that are missing, with this mode; one that another process makes meanwhile is as good.
 * Node.js 24.21.0 has a `recursive` that never ends where a file system answers ENOENT below a directory that is there, as
 * /proc does.
 * @param path absolute, without a slash at its end. @throws Error of mkdir(2)
 */
export function makeDirectories(path: string, mode: number): void {
  const above = path.slice(0, path.lastIndexOf("/"));
  if (above !== "" && !existsSync(above)) makeDirectories(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST" && statSync(path).isDirectory();
    if (!isThere) throw error;
  }
}
