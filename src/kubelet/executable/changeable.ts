import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { Unreadable } from "../credentialProviderConfig/kubeletFiles.ts";

/** A file, link or folder on the way to a file that someone else than root can change. */
export interface Changeable {
  readonly path: string;
  /** `belongs to user 1000`, `may be written to by group or others (mode 0777)` */
  readonly why: string;
  /** The command that ends it. */
  readonly remedy: string;
  /** It is a folder like /tmp: others can add to it, and not replace what is root's. */
  readonly sticky: boolean;
}

const MAX_LINKS = 40;

/**
 * Everything on the way to a file, links and what they lead to included, through which others than the trusted users
 * could put another one in its place, from the top on.
 * @param owners the users whose things are trusted: root's number, and who else.
 * @param root of a process that has another one: `/proc/PID/root`; its links are followed within.
 * @throws Unreadable where something on the way is missing or cannot be read.
 */
export function changeableOnTheWay(path: string, owners: readonly number[], root = ""): Changeable[] {
  const seen = new Set<string>();
  const found: Changeable[] = [];
  let target = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const link = firstLink(target, root);
    for (const part of pathsTo(link ?? target)) {
      if (seen.has(part)) continue;
      seen.add(part);
      const problem = problemOf(part, statsOf(part, root), owners);
      if (problem !== undefined) found.push(problem);
    }
    if (link === undefined) return found;
    const to = readlinkSync(`${root}${link}`);
    target = join(isAbsolute(to) ? to : join(dirname(link), to), target.slice(link.length));
  }
  throw new Unreadable("its symbolic links lead in a circle");
}

function firstLink(path: string, root: string): string | undefined {
  return pathsTo(path).find((part) => statsOf(part, root).isSymbolicLink());
}

/** `/`, `/usr`, `/usr/bin`, … the path itself. */
function pathsTo(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return ["/", ...parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)];
}

function statsOf(path: string, root: string): Stats {
  try {
    // The root itself is a link of /proc.
    return lstatSync(path === "/" ? `${root}/.` : `${root}${path}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Unreadable(code === "ENOENT" ? `${path} does not exist` : `${path} cannot be read (${code})`);
  }
}

function problemOf(path: string, stats: Stats, owners: readonly number[]): Changeable | undefined {
  if (!owners.includes(stats.uid)) {
    const flag = stats.isSymbolicLink() ? "-h " : "";
    return { path, why: `belongs to user ${stats.uid}`, remedy: `chown ${flag}root ${path}`, sticky: false };
  }
  // The mode of a link says nothing.
  if (stats.isSymbolicLink() || (stats.mode & 0o022) === 0) return undefined;
  const octal = (stats.mode & 0o7777).toString(8).padStart(4, "0");
  const sticky = stats.isDirectory() && (stats.mode & 0o1000) !== 0;
  const why = `may be written to by group or others (mode ${octal})`;
  return { path, why, remedy: `chmod go-w ${path}`, sticky };
}
