import { obtainToken } from "../../src/acr/obtainToken.ts";
import { checkedToken } from "../../src/acr/requestToken.ts";
import { cacheDurationSeconds, type RegistryToken, remainingMs, renewsAt } from "../../src/acr/token.ts";
import type { Cache } from "../../src/cache/cache.ts";
import { type Outcome, withRetries } from "../../src/openapi/retry.ts";
import type { Run } from "../../src/run/run.ts";

/** What the kubelet gets from a run that succeeds. */
export interface Answer {
  readonly token: RegistryToken;
  readonly cacheDurationSeconds: number;
}

/** One attempt at the API, for when a token expires (ms). */
export type Attempt = (run: Run) => Promise<Outcome<number>>;

/** One process of a plugin; answers nothing when it fails. */
export type Plugin = (run: Run, attempt: Attempt) => Promise<Answer | undefined>;

/** All processes of a node want one token. */
export const TOKEN_KEY = "registry";
const SIMPLE_ATTEMPTS = 4;
const SIMPLE_PAUSE_MS = 1000;

/** This program: its own scheduling code, with the simulated API behind it. */
export const ours: Plugin = async (run, attempt) => {
  try {
    return await obtainToken(run, {
      key: TOKEN_KEY,
      request: async (within) => newToken(within, await withRetries(within, () => attempt(within))),
    });
  } catch {
    return undefined;
  }
};

/** Without jitter: every draw is the middle of what it is drawn from, so that only the spread is gone. */
export const withoutJitter: Plugin = (run, attempt) => ours({ ...run, random: () => 0.5 }, attempt);

/** Without sharing of calls: no process waits for another one's; finished tokens are still kept. */
export const withoutSharing: Plugin = (run, attempt) =>
  ours({ ...run, cache: changed(run.cache, { tryLock: async () => undefined }) }, attempt);

/** Without stale serving: a token is forgotten when it is due for renewal. */
export const withoutStale: Plugin = (run, attempt) => {
  const put: Cache["put"] = (kind, key, value, expiresAt) => {
    const until =
      kind === "token" ? renewsAt(value as RegistryToken, run.config.expiringThresholdMs) : expiresAt;
    return run.cache.put(kind, key, value, until);
  };
  return ours({ ...run, cache: changed(run.cache, { put }) }, attempt);
};

/**
 * A plugin with none of the three, as most are: every process asks the API, up to four times a second apart, and
 * the kubelet keeps the token until the threshold.
 */
export const simple: Plugin = async (run, attempt) => {
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
