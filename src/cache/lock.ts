import { linkSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { removeFile } from "./files.ts";
import { currentProcess, isRunning, type ProcessIdentity } from "./processes.ts";

/** Whoever finds the lock of a dead process takes it over under this; it is held for microseconds. */
const TAKEOVER_ABANDONED_AFTER_MS = 1000;

interface Holder extends ProcessIdentity {
  /** Epoch ms: a holder past its own deadline is hung. */
  readonly endsAt: number;
}

export interface LockOptions {
  /** The lock file; stands in a private directory. */
  readonly path: string;
  /** Epoch ms. */
  now(): number;
  /** Epoch ms at which the holder gives up by itself. */
  readonly endsAt: number;
}

export interface Lock {
  release(): void;
}

/**
 * Tries to take the lock between processes. Returns the lock, or the pid of the live process that holds it.
 * A holder that has died, is stopped, or is past its own deadline loses the lock at once.
 * @throws Error of the file system when locks cannot be made here.
 */
export function tryLock({ path, now, endsAt }: LockOptions): Lock | { heldBy: number } {
  const self: Holder = { ...currentProcess(), endsAt };
  const claim = `${path}.${self.pid}.${crypto.randomUUID()}.tmp`;
  writeFileSync(claim, JSON.stringify(self), { flag: "wx", mode: 0o600 });
  try {
    for (;;) {
      if (link(claim, path)) break;
      const holder = readHolder(path);
      if (holder === undefined) continue;
      if (holder !== "unreadable" && isRunning(holder) && now() < holder.endsAt)
        return { heldBy: holder.pid };
      if (takeOver(path, claim, holder, now)) break;
    }
  } finally {
    removeFile(claim);
  }
  return { release: () => release(path, self) };
}

/** Replaces the lock of a dead holder by the claim; false when somebody else was first. */
function takeOver(path: string, claim: string, dead: Holder | "unreadable", now: () => number): boolean {
  const marker = `${path}.takeover.tmp`;
  if (!link(claim, marker)) {
    const age = now() - (statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? now());
    if (age > TAKEOVER_ABANDONED_AFTER_MS) removeFile(marker);
    return false;
  }
  try {
    const holder = readHolder(path);
    if (holder === undefined || !isSame(holder, dead)) return false;
    renameSync(claim, path);
    return true;
  } finally {
    removeFile(marker);
  }
}

function release(path: string, self: Holder): void {
  const holder = readHolder(path);
  if (holder !== undefined && isSame(holder, self)) removeFile(path);
}

function isSame(a: Holder | "unreadable", b: Holder | "unreadable"): boolean {
  if (a === "unreadable" || b === "unreadable") return a === b;
  return a.pid === b.pid && a.startTime === b.startTime && a.endsAt === b.endsAt;
}

/** The holder; undefined when the lock is free. */
function readHolder(path: string): Holder | "unreadable" | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, "utf8")) as Partial<Holder>;
    return Number.isInteger(holder.pid) &&
      Number.isFinite(holder.endsAt) &&
      typeof holder.startTime === "string"
      ? (holder as Holder)
      : "unreadable";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "unreadable";
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
