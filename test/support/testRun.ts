import type { Cache, Entry } from "../../src/cache/cache.ts";
import { noCache } from "../../src/cache/cache.ts";
import type { IdentityConfig, ProviderConfig } from "../../src/config/config.ts";
import { Failure } from "../../src/failure/failure.ts";
import { newRecord } from "../../src/log/record.ts";
import { Secrets } from "../../src/log/secrets.ts";
import { Deadline } from "../../src/run/deadline.ts";
import type { Environment, Run } from "../../src/run/run.ts";

export const autoIdentity: IdentityConfig = { source: "auto", assumeRoles: [] };

/** The built-in defaults. */
export const defaultConfig: ProviderConfig = {
  registries: [],
  discovery: "auto",
  expiringThresholdMs: 900_000,
  identity: autoIdentity,
  access: { namespaces: ["*"], serviceAccounts: ["*"] },
  serviceAccountAnnotations: { enabled: false, allowedRoleArns: [] },
  cache: { enabled: true, directory: "/nonexistent" },
  answerInOutage: true,
  network: "auto",
  timeouts: { totalMs: 25_000, requestMs: 5000 },
  endpoints: {},
  tls: {},
  log: { level: "info", maxSizeBytes: 10_485_760 },
};

export interface TestRun extends Run {
  /** What the run slept, in ms; it really slept a millisecond at most. */
  readonly slept: number[];
}

interface Wanted {
  readonly config?: Partial<ProviderConfig>;
  readonly env?: Environment;
  readonly cache?: Cache;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly fetch?: Run["fetch"];
}

/** A run with the real network, a sleep that only counts, and no cache unless given. */
export function testRun(wanted: Wanted = {}): TestRun {
  const config = { ...defaultConfig, ...wanted.config };
  const now = wanted.now ?? Date.now;
  const slept: number[] = [];
  return {
    config,
    env: wanted.env ?? {},
    cache: wanted.cache ?? noCache,
    now,
    random: wanted.random ?? Math.random,
    fetch: wanted.fetch ?? fetch,
    sleep: async (ms) => {
      slept.push(ms);
    },
    deadline: new Deadline(config.timeouts.totalMs, now),
    obtained: new Map(),
    record: newRecord(),
    secrets: new Secrets(),
    slept,
  };
}

/** A cache in memory, with a look into it. */
export function memoryCache(now: () => number = Date.now): Cache & { entries: Map<string, Entry<unknown>> } {
  const entries = new Map<string, Entry<unknown>>();
  const name = (kind: string, key: string) => `${kind} ${key}`;
  return {
    ...noCache,
    entries,
    get: async (kind, key, check) => {
      const entry = entries.get(name(kind, key));
      if (entry === undefined || entry.expiresAt <= now() || !check(entry.value)) return undefined;
      return { ...entry, value: entry.value };
    },
    put: async (kind, key, value, expiresAt) => {
      entries.set(name(kind, key), { value: structuredClone(value), storedAt: now(), expiresAt });
    },
    remove: async (kind, key) => {
      entries.delete(name(kind, key));
    },
  };
}

/** The Failure that a promise is rejected with; anything else fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
