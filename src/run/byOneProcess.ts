import type { EntryKind, EntrySubject } from "../cache/cache.ts";
import { asFailure } from "../failure/failure.ts";
import { timeoutFailure } from "./deadline.ts";
import { recalledFailure, rememberFailure } from "./rememberedFailure.ts";
import type { Run } from "./run.ts";

/** A waiting process keeps this much (ms) of its time to say so. */
const LAST_WORDS_MS = 250;
/** A process that waits looks again after an eighth of the time that it has waited: 200 of them must not busy a node. */
const STEP_SHARE = 1 / 8;
const FIRST_STEP_MS = 25;
const LAST_STEP_MS = 500;
/** When so many processes came and went without a result, nothing can be kept here: waiting on is in vain. */
const MAX_HOLDERS_WITHOUT_RESULT = 3;

/** Something that any process of the node may need, and that one of them obtains for all. */
export interface Shared<Value> {
  readonly kind: EntryKind;
  /** What it is kept under. */
  readonly key: string;
  /** What it is of, for `cache list`. */
  readonly subject?: EntrySubject;
  /** For how long (ms) a failure, a passing one included, is not asked for again; default: a refusal for seconds. */
  readonly failuresLastMs?: number;
  /** What the cache holds, if it serves. */
  kept(): Promise<Value | undefined>;
  /** Asks for a new one and keeps it. */
  obtain(): Promise<Value>;
}

/**
 * Obtains what the cache does not hold. One process of the node asks; the others that came meanwhile wait, within
 * their own deadline, and take what it got, be it a failure. Without a cache every process asks for itself.
 * @throws Failure of the one that asked, or `Timeout`; a refusal of the last few seconds is not asked for again.
 */
export async function byOneProcess<Value>(run: Run, shared: Shared<Value>): Promise<Value> {
  const recalled = await recalledFailure(
    run,
    failureKey(shared),
    shared.failuresLastMs === undefined ? undefined : 0,
  );
  if (recalled !== undefined) throw recalled;
  const startedAt = run.now();
  const holders = new Set<number>();
  for (;;) {
    const lock = await run.cache.tryLock(shared.kind, shared.key, run.deadline.endsAt);
    if (lock === undefined) return obtain(run, shared);
    if ("release" in lock) {
      try {
        return (await othersResult(run, shared, startedAt)) ?? (await obtain(run, shared));
      } finally {
        lock.release();
      }
    }
    if (!holders.has(lock.heldBy)) {
      // Whoever held it before is done: there may be a result.
      const result = await othersResult(run, shared, startedAt);
      if (result !== undefined) return result;
      holders.add(lock.heldBy);
    }
    if (holders.size > MAX_HOLDERS_WITHOUT_RESULT) return obtain(run, shared);
    const waitedMs = run.now() - startedAt;
    const leftMs = run.deadline.remaining() - LAST_WORDS_MS;
    if (leftMs <= 0) {
      const remedy = `see what process ${lock.heldBy} waits for; it ends by itself, unless it is stopped`;
      throw timeoutFailure(
        `process ${lock.heldBy}, which asks for the same ${shared.kind}`,
        waitedMs,
        remedy,
      );
    }
    const stepMs = Math.min(LAST_STEP_MS, Math.max(FIRST_STEP_MS, waitedMs * STEP_SHARE));
    await run.sleep(Math.min(stepMs, leftMs));
  }
}

/** What another process has obtained since `since` (epoch ms). @throws the Failure that it met. */
async function othersResult<Value>(
  run: Run,
  shared: Shared<Value>,
  since: number,
): Promise<Value | undefined> {
  const kept = await shared.kept();
  if (kept !== undefined) return kept;
  const failure = await recalledFailure(run, failureKey(shared), since);
  if (failure !== undefined) throw failure;
  return undefined;
}

async function obtain<Value>(run: Run, shared: Shared<Value>): Promise<Value> {
  try {
    return await shared.obtain();
  } catch (error) {
    const failure = asFailure(error);
    const { subject, failuresLastMs } = shared;
    await rememberFailure(run, failureKey(shared), failure, {
      ...(subject === undefined ? {} : { subject }),
      ...(failuresLastMs === undefined ? {} : { forMs: failuresLastMs }),
    });
    throw failure;
  }
}

function failureKey({ kind, key }: Shared<unknown>): string {
  return `${kind} of ${key}`;
}
