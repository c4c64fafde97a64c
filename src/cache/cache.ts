import type { Lock } from "./lock.ts";

/**
 * What is kept between runs, one file an entry. `token`: registry tokens; `session`: STS sessions;
 * `domains`: hosts of an instance; `instance`: instances found by name; `endpoint`: which API endpoint
 * could be reached; `metadata`: that the node has no metadata service; `region`: the node's region;
 * `failure`: a refusal that need not be asked for again at once; `config`: what a config file comes to.
 */
export const entryKinds = [
  "token",
  "session",
  "domains",
  "instance",
  "endpoint",
  "metadata",
  "region",
  "failure",
  "config",
] as const;
export type EntryKind = (typeof entryKinds)[number];

/** What an entry is of, for people: hosts, IDs, names and ARNs, and never a secret. */
export interface EntrySubject {
  /** "" is the Personal Edition. */
  readonly instanceId?: string;
  readonly regionId?: string;
  readonly host?: string;
  /** The name of the identity whose it is. */
  readonly identity?: string;
}

export interface Entry<Value> {
  readonly value: Value;
  /** Epoch ms. */
  readonly storedAt: number;
  /** Epoch ms; an entry past it is never returned. */
  readonly expiresAt: number;
}

/**
 * Entries by (kind, key). The key is the whole truth about what an entry is for (it may be long):
 * what was stored under another key is never returned. Any doubt about the cache means "nothing there":
 * no method throws.
 */
export interface Cache {
  /**
   * `check` guards against foreign or damaged content: the entry counts only if it returns true. An entry that was
   * written under a clock which was ahead counts only with `ofFuture`: see `isOfFuture`.
   */
  get<Value>(
    kind: EntryKind,
    key: string,
    check: (value: unknown) => value is Value,
    options?: { readonly ofFuture?: boolean },
  ): Promise<Entry<Value> | undefined>;
  /** `subject` is kept for `cache list` and never compared: the key decides. */
  put(kind: EntryKind, key: string, value: unknown, expiresAt: number, subject?: EntrySubject): Promise<void>;
  remove(kind: EntryKind, key: string): Promise<void>;
  /**
   * Tries to become the one process that obtains what belongs under this key. `endsAt` (epoch ms): when it gives
   * up by itself. Undefined where there can be no lock: then every process obtains for itself.
   */
  tryLock(kind: EntryKind, key: string, endsAt: number): Promise<Lock | { heldBy: number } | undefined>;
}

/** Clocks of one machine differ by less than this (ms), unless one was set. */
const CLOCK_STEP_MS = 60_000;

/** Whether an entry was written under a clock that was ahead of the present one, so that its age is not known. */
export function isOfFuture({ storedAt }: Pick<Entry<unknown>, "storedAt">, now: number): boolean {
  return storedAt > now + CLOCK_STEP_MS;
}

/** The cache that holds nothing. */
export const noCache: Cache = {
  get: async () => undefined,
  put: async () => {},
  remove: async () => {},
  tryLock: async () => undefined,
};
