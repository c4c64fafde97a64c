import { existsSync, mkdirSync, statSync } from "node:fs";

/**
 * Makes a directory, and those above it that are missing, with this mode. Node.js 24.21.0 has a `recursive` that never ends where a
 * file system answers ENOENT below a directory that is there, as /proc does.
 * @param path absolute, without a slash at its end. @throws Error of mkdir(2)
 */
export function makeDirectories(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    const above = path.slice(0, path.lastIndexOf("/"));
    if (code !== "ENOENT" || above === "" || existsSync(above)) throw error;
    makeDirectories(above, mode);
    makeDirectories(path, mode);
  }
}
