import type { Lock } from "./lock.ts";

/**
 * What is kept between runs, one file an entry. `token`: registry tokens; `session`: STS sessions;
 * `domains`: hosts of an instance; `instance`: instances found by name; `endpoint`: which API endpoint
 * could be reached; `metadata`: that the node has no metadata service; `region`: the node's region;
 * `failure`: a refusal that need not be asked for again at once.
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
] as const;
export type EntryKind = (typeof entryKinds)[number];

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
  /** `check` guards against foreign or damaged content: the entry counts only if it returns true. */
  get<Value>(
    kind: EntryKind,
    key: string,
    check: (value: unknown) => value is Value,
  ): Promise<Entry<Value> | undefined>;
  put(kind: EntryKind, key: string, value: unknown, expiresAt: number): Promise<void>;
  remove(kind: EntryKind, key: string): Promise<void>;
  /**
   * Tries to become the one process that obtains what belongs under this key. `endsAt` (epoch ms): when it gives
   * up by itself. Undefined where there can be no lock: then everybody obtains for themselves.
   */
  tryLock(kind: EntryKind, key: string, endsAt: number): Promise<Lock | { heldBy: number } | undefined>;
}

/** The cache that holds nothing. */
export const noCache: Cache = {
  get: async () => undefined,
  put: async () => {},
  remove: async () => {},
  tryLock: async () => undefined,
};
