import { linkSync, renameSync, statSync } from "node:fs";
import { createFile } from "../files/regularFile.ts";
import { readPrivateFile, removeFile } from "./files.ts";
import { currentProcess, type ProcessIdentity, stateOf } from "./processes.ts";

/** Whoever finds the lock of a dead process takes it over under this; it is held for microseconds. */
const TAKEOVER_ABANDONED_AFTER_MS = 1000;
/** For this long (ms) a holder that cannot be seen, in another container, is taken for alive; a token takes less. */
const UNSEEN_TRUSTED_MS = 5000;
/** Locks that change hands while one looks are looked at again, but not forever. */
const MAX_LOOKS = 3;

interface Holder extends ProcessIdentity {
  /** Epoch ms. */
  readonly since: number;
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

/** The pid of the process that holds the lock at present (epoch ms); undefined where it can be taken. */
export function lockHolder(path: string, now: number): number | undefined {
  const holder = readHolder(path);
  return holds(holder, now) ? holder.pid : undefined;
}

/**
 * Tries to take the lock between processes. Returns the lock, or the pid of the process that holds it (0: it changed
 * hands meanwhile). A holder that has died, is stopped, or is past its own deadline loses the lock at once.
 * @throws Error of the file system when locks cannot be made here.
 */
export function tryLock({ path, now, endsAt }: LockOptions): Lock | { heldBy: number } {
  const self: Holder = { ...currentProcess(), since: now(), endsAt };
  const claim = `${path}.${self.pid}.${crypto.randomUUID()}.tmp`;
  try {
    createFile(claim, JSON.stringify(self));
    for (let look = 0; look < MAX_LOOKS; look++) {
      if (link(claim, path)) return { release: () => release(path, self) };
      const holder = readHolder(path);
      if (holds(holder, now())) return { heldBy: holder.pid };
      if (holder !== undefined && takeOver(path, claim, holder, now)) {
        return { release: () => release(path, self) };
      }
    }
    return { heldBy: 0 };
  } finally {
    removeFile(claim);
  }
}

function holds(holder: Holder | "unreadable" | undefined, now: number): holder is Holder {
  if (holder === undefined || holder === "unreadable" || now >= holder.endsAt) return false;
  const state = stateOf(holder);
  return state === "unseen" ? Math.abs(now - holder.since) < UNSEEN_TRUSTED_MS : state === "running";
}

/** Replaces the lock of a dead holder by the claim; false when another process was first. */
function takeOver(path: string, claim: string, dead: Holder | "unreadable", now: () => number): boolean {
  const marker = `${path}.takeover.tmp`;
  if (!link(claim, marker)) {
    // A clock that was set back makes files of the future, which are as abandoned.
    const age = Math.abs(now() - (statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? now()));
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
  return (
    a.pid === b.pid && a.startTime === b.startTime && a.namespace === b.namespace && a.endsAt === b.endsAt
  );
}

/** The holder; undefined when the lock is free. */
function readHolder(path: string): Holder | "unreadable" | undefined {
  try {
    const content = readPrivateFile(path);
    if (content === undefined) return undefined;
    const holder = JSON.parse(content.toString("utf8")) as Partial<Holder>;
    const isHolder =
      Number.isInteger(holder.pid) &&
      Number.isFinite(holder.since) &&
      Number.isFinite(holder.endsAt) &&
      typeof holder.startTime === "string" &&
      typeof holder.namespace === "string";
    return isHolder ? (holder as Holder) : "unreadable";
  } catch {
    return "unreadable";
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
