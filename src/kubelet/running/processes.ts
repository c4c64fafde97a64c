import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";

/** A process of this machine, as far as a kubelet is recognised by it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** What it runs as. */
  readonly uid: number;
  /** Its arguments, its own name first. One that has overwritten them has the new title as a single one. */
  readonly argv: readonly string[];
  /** Its executable as /proc names it; undefined where that may not be read. */
  readonly exe: string | undefined;
}

/** All processes that /proc shows and that have not ended meanwhile. */
export function processes(): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => processOf(Number(pid)) ?? []);
}

/** One process; undefined where there is none. */
export function processOf(pid: number): Process | undefined {
  const [argv, stat] = [listOf(pid, "cmdline"), statOf(pid)];
  if (argv === undefined || argv.length === 0 || stat === undefined) return undefined;
  try {
    const { uid } = statSync(`/proc/${pid}`);
    return { pid, parent: stat.parent, uid, argv, exe: exeOf(pid) };
  } catch {
    return undefined;
  }
}

function exeOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined;
  }
}

/** The last part of the name that a process was started by. */
export function nameOf({ argv: [name = ""] }: Process): string {
  return basename(name);
}

/**
 * The environment that a process was started with, of several values of a name the last; undefined where it may not be
 * read: that needs root or the process's own user.
 */
export function environmentOf(pid: number): Readonly<Record<string, string>> | undefined {
  const pairs = listOf(pid, "environ");
  if (pairs === undefined) return undefined;
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const end = pair.indexOf("=");
      return end < 1 ? [] : [[pair.slice(0, end), pair.slice(end + 1)]];
    }),
  );
}

/** When a process began (epoch ms, by the clock as it is now); undefined where it has ended. */
export function startOf(pid: number): number | undefined {
  const [uptime] = textOf("/proc/uptime")?.split(" ") ?? [];
  const ticks = statOf(pid)?.startTicks;
  if (uptime === undefined || ticks === undefined) return undefined;
  return Date.now() - (Number(uptime) * 1000 - (ticks * 1000) / TICKS_A_SECOND);
}

/** USER_HZ, on every architecture that a kubelet runs on: proc(5), sysconf(3). */
const TICKS_A_SECOND = 100;

interface Stat {
  readonly parent: number;
  readonly startTicks: number;
}

/** Fields 4 and 22 of /proc/PID/stat; the second, a name in brackets, may hold anything. */
function statOf(pid: number): Stat | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), startTicks: Number(fields[19]) };
}

function listOf(pid: number, file: "cmdline" | "environ"): string[] | undefined {
  return textOf(`/proc/${pid}/${file}`)
    ?.split("\0")
    .filter((part) => part !== "");
}

/** A file of /proc; undefined where it may not be read or is not there any more. */
export function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
