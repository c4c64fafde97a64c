import { asFailure } from "../failure/asFailure.ts";
import type { CacheState } from "../log/record.ts";
import { timeoutFailure } from "../run/deadline.ts";
import type { Run } from "../run/run.ts";
import { recalledFailure, rememberFailure } from "./rememberedFailure.ts";
import { cacheDurationSeconds, isRegistryToken, type RegistryToken, remainingMs, renewsAt } from "./token.ts";

/** With less than this left (ms) a token is no longer handed out when its renewal failed (contract, section 6). */
const STALE_MARGIN_MS = 60_000;
const STALE_CACHE_SECONDS = 60;
/** A waiting process keeps this much (ms) of its time to say so. */
const LAST_WORDS_MS = 250;
/** How often (ms) a process that waits for another one's token looks again. */
const WAIT_STEP_MS = 25;

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
    const recalled = await recalledFailure(run, wanted.key);
    if (recalled !== undefined) throw recalled;
    return await renewByOneProcess(canBeStale() ? inShort(run) : run, wanted);
  } catch (error) {
    const failure = asFailure(error);
    if (kept === undefined || !canBeStale()) throw failure;
    run.record.warnings.push(`the token could not be renewed: ${failure.message} (code ${failure.code})`);
    return obtained(run, kept, "stale");
  }
}

/** The same run with the time of one request: a pod does not wait long for a renewal that it can do without. */
function inShort(run: Run): Run {
  return { ...run, deadline: run.deadline.shortened(run.config.timeouts.requestMs) };
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

/** One process of the node asks; the others that came meanwhile take what it got, token or failure. */
async function renewByOneProcess(run: Run, wanted: WantedToken): Promise<ObtainedToken> {
  const startedAt = run.now();
  for (;;) {
    const lock = await run.cache.tryLock("token", wanted.key, run.deadline.endsAt);
    if (lock === undefined || "release" in lock) {
      try {
        return (await othersResult(run, wanted, startedAt)) ?? (await renew(run, wanted));
      } finally {
        lock?.release();
      }
    }
    if (run.deadline.remaining() <= LAST_WORDS_MS) {
      throw timeoutFailure(`process ${lock.heldBy}, which asks for the same token`, run.now() - startedAt);
    }
    await run.sleep(WAIT_STEP_MS);
    const result = await othersResult(run, wanted, startedAt);
    if (result !== undefined) return result;
  }
}

/** What another process has obtained since `since` (epoch ms). @throws the Failure that it met. */
async function othersResult(
  run: Run,
  wanted: WantedToken,
  since: number,
): Promise<ObtainedToken | undefined> {
  const kept = await keptToken(run, wanted);
  if (kept !== undefined && serves(run, kept)) return obtained(run, kept, "wait");
  const failure = await recalledFailure(run, wanted.key, since);
  if (failure !== undefined) throw failure;
  return undefined;
}

async function renew(run: Run, { key, request }: WantedToken): Promise<ObtainedToken> {
  try {
    const token = await request(run);
    await run.cache.put("token", key, token, token.expiresAt);
    return obtained(run, token, "miss");
  } catch (error) {
    const failure = asFailure(error);
    await rememberFailure(run, key, failure);
    throw failure;
  }
}

function obtained(run: Run, token: RegistryToken, cache: CacheState): ObtainedToken {
  const now = run.now();
  const seconds =
    cache === "stale"
      ? Math.min(STALE_CACHE_SECONDS, Math.floor((remainingMs(token, now) - STALE_MARGIN_MS) / 1000))
      : cacheDurationSeconds(token, run.config.expiringThresholdMs, now);
  return { token, cache, cacheDurationSeconds: seconds };
}
