import { asFailure } from "../failure/failure.ts";
import type { CacheState } from "../log/record.ts";
import { byOneProcess } from "../run/byOneProcess.ts";
import { inShort } from "../run/inShort.ts";
import type { Run } from "../run/run.ts";
import { cacheDurationSeconds, isRegistryToken, type RegistryToken, remainingMs, renewsAt } from "./token.ts";

/** With less than this left (ms) a token is no longer handed out when its renewal failed (contract, section 6). */
const STALE_MARGIN_MS = 60_000;
const STALE_CACHE_SECONDS = 60;

export interface ObtainedToken {
  readonly token: RegistryToken;
  readonly cache: CacheState;
  readonly cacheDurationSeconds: number;
}

/** Which token: what sets it apart from every other, and how to ask for it. */
export interface WantedToken {
  /** What it is kept under: identity, instance, region and endpoint, so that none shares a token with another. */
  readonly key: string;
  /** Asks for a new one, within the deadline of the run that it gets. */
  request(run: Run): Promise<RegistryToken>;
}

/**
 * The token: the kept one while it serves, else a new one, asked for by one
 * process of the node at a time, else the kept one for a last while.
 * @throws Failure when there is no token to be had.
 */
export async function obtainToken(run: Run, wanted: WantedToken): Promise<ObtainedToken> {
  const kept = await keptToken(run, wanted);
  if (kept !== undefined && serves(run, kept)) return obtained(run, kept, "hit");
  const canBeStale = () => kept !== undefined && remainingMs(kept, run.now()) > STALE_MARGIN_MS;
  try {
    return await renew(canBeStale() ? inShort(run) : run, wanted);
  } catch (error) {
    const failure = asFailure(error);
    if (kept === undefined || !canBeStale()) throw failure;
    run.record.warnings.push(`the token could not be renewed: ${failure.message} (code ${failure.code})`);
    return obtained(run, kept, "stale");
  }
}

/** The token in the cache, if it has not expired. */
export async function keptToken(run: Run, { key }: WantedToken): Promise<RegistryToken | undefined> {
  const entry = await run.cache.get("token", key, isRegistryToken);
  if (entry !== undefined) run.secrets.add(entry.value.password);
  return entry?.value;
}

/** Whether the token needs no renewal yet. */
function serves(run: Run, token: RegistryToken): boolean {
  return run.now() < renewsAt(token, run.config.expiringThresholdMs);
}

/** A new token, asked for by one process of the node; the others that came meanwhile take what it got. */
async function renew(run: Run, wanted: WantedToken): Promise<ObtainedToken> {
  return byOneProcess(run, {
    kind: "token",
    key: wanted.key,
    kept: async () => {
      const kept = await keptToken(run, wanted);
      return kept !== undefined && serves(run, kept) ? obtained(run, kept, "wait") : undefined;
    },
    obtain: async () => {
      const token = await wanted.request(run);
      await run.cache.put("token", wanted.key, token, token.expiresAt);
      return obtained(run, token, "miss");
    },
  });
}

function obtained(run: Run, token: RegistryToken, cache: CacheState): ObtainedToken {
  const now = run.now();
  const seconds =
    cache === "stale"
      ? Math.min(STALE_CACHE_SECONDS, Math.floor((remainingMs(token, now) - STALE_MARGIN_MS) / 1000))
      : cacheDurationSeconds(token, run.config.expiringThresholdMs, now);
  return { token, cache, cacheDurationSeconds: seconds };
}
