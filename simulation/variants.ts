import { keptToken, obtainToken, type WantedToken } from "../src/acr/obtainToken.ts";
import { checkedToken } from "../src/acr/requestToken.ts";
import { cacheDurationSeconds, type RegistryToken, remainingMs, renewsAt } from "../src/acr/token.ts";
import type { Cache } from "../src/cache/cache.ts";
import type { ProviderConfig } from "../src/config/config.ts";
import { loadConfig } from "../src/config/loadConfig.ts";
import { type Outcome, withRetries } from "../src/openapi/retry.ts";
import type { Run } from "../src/run/run.ts";

/** What the kubelet gets from a run that succeeds. */
export interface Answer {
  readonly token: RegistryToken;
  readonly cacheDurationSeconds: number;
}

/** One attempt at the API, for when a token expires (ms). */
export type Attempt = (run: Run) => Promise<Outcome<number>>;

/** One process of a plugin. Its answer is undefined when it fails. */
export type Plugin = (run: Run, attempt: Attempt) => Promise<Answer | undefined>;

/** A timer of every node, as node-config/systemd has it: `prefetch --renew-before`. */
export interface Timer {
  readonly everyMs: number;
  readonly renewBelowMs: number;
}

/** All processes of a node want one token. */
const TOKEN_KEY = "registry";
const SIMPLE_ATTEMPTS = 4;
const SIMPLE_PAUSE_MS = 1000;
const MINUTE = 60_000;

/** This program: its own scheduling code, with the simulated API behind it. */
const ours: Plugin = async (run, attempt) => {
  try {
    return await obtainToken(run, wanted(attempt));
  } catch {
    return undefined;
  }
};

/** `prefetch --renew-before`: nothing for a node that has no token. */
export const renew =
  ({ renewBelowMs }: Timer): Plugin =>
  async (run, attempt) => {
    const token = { ...wanted(attempt), renewBelowMs };
    if ((await keptToken(run, token)) === undefined) return undefined;
    try {
      return await obtainToken(run, token);
    } catch {
      return undefined;
    }
  };

function wanted(attempt: Attempt): WantedToken {
  return {
    key: TOKEN_KEY,
    subject: {},
    request: async (within) => newToken(within, await withRetries(within, () => attempt(within))),
  };
}

/** Without jitter: every random number is the mean, so that only the spread is gone. */
const withoutJitter: Plugin = (run, attempt) => ours({ ...run, random: () => 0.5 }, attempt);

/** Without sharing of calls: no process waits for the call of another one. Tokens are still kept. */
const withoutSharing: Plugin = (run, attempt) =>
  ours({ ...run, cache: changed(run.cache, { tryLock: async () => undefined }) }, attempt);

/** Without stale serving: a token is forgotten when it is due for renewal. */
const withoutStale: Plugin = (run, attempt) => {
  const put: Cache["put"] = (kind, key, value, expiresAt) => {
    const until =
      kind === "token" ? renewsAt(value as RegistryToken, run.config.expiringThresholdMs) : expiresAt;
    return run.cache.put(kind, key, value, until);
  };
  return ours({ ...run, cache: changed(run.cache, { put }) }, attempt);
};

/**
 * A plugin with none of the three: every process asks the API, up to four times one second apart, and the kubelet
 * keeps the token until the threshold.
 */
const simple: Plugin = async (run, attempt) => {
  for (let count = 1; count <= SIMPLE_ATTEMPTS && run.deadline.remaining() > 0; count++) {
    const outcome = await attempt(run);
    if ("value" in outcome) {
      const token = newToken(run, outcome.value);
      const seconds = cacheDurationSeconds(token, run.config.expiringThresholdMs, run.now());
      return { token, cacheDurationSeconds: seconds };
    }
    if (count < SIMPLE_ATTEMPTS) await run.sleep(Math.min(SIMPLE_PAUSE_MS, run.deadline.remaining()));
  }
  return undefined;
};

/** Whether the token still works. */
export function works(answer: Answer, now: number): boolean {
  return remainingMs(answer.token, now) > 0;
}

function newToken(run: Run, expiresAt: number): RegistryToken {
  return checkedToken(run, { username: "cr_temp_user", password: "secret", expiresAt });
}

function changed(cache: Cache, changes: Partial<Cache>): Cache {
  return {
    get: (kind, key, check) => cache.get(kind, key, check),
    put: (kind, key, value, expiresAt) => cache.put(kind, key, value, expiresAt),
    remove: (kind, key) => cache.remove(kind, key),
    tryLock: (kind, key, endsAt) => cache.tryLock(kind, key, endsAt),
    ...changes,
  };
}

/** A plugin as it is compared. */
export interface Variant {
  readonly name: string;
  readonly plugin: Plugin;
  readonly config: ProviderConfig;
  readonly timer?: Timer;
}

/** The config of a node that has no config file. */
const config = await loadConfig({ env: {}, files: { read: () => undefined } });

export const variants = {
  ours: { name: "this plugin", plugin: ours, config },
  withoutJitter: { name: "without jitter", plugin: withoutJitter, config },
  withoutSharing: { name: "without sharing", plugin: withoutSharing, config },
  withoutStale: { name: "without stale serving", plugin: withoutStale, config },
  simple: { name: "with none of the three", plugin: simple, config },
  earlier: {
    name: "this plugin, expiringThreshold: 30m",
    plugin: ours,
    config: { ...config, expiringThresholdMs: 30 * MINUTE },
  },
  timer30: {
    name: "this plugin, --renew-before 30m",
    plugin: ours,
    config,
    timer: { everyMs: 5 * MINUTE, renewBelowMs: 30 * MINUTE },
  },
  timer38: {
    name: "this plugin, --renew-before 38m",
    plugin: ours,
    config,
    timer: { everyMs: 5 * MINUTE, renewBelowMs: 38 * MINUTE },
  },
} satisfies Record<string, Variant>;
export type VariantName = keyof typeof variants;
export const variantNames = Object.keys(variants) as VariantName[];
