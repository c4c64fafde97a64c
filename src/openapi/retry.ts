import type { Failure } from "../failure/failure.ts";
import { restate } from "../failure/failure.ts";
import type { HttpResponse, Run } from "../run/run.ts";

/** In all, the first one included (contract, section 7). */
const MAX_ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 4000;

/** How one attempt ended. `retryAfterMs`: the least that the server wants to be left alone for. */
export type Outcome<Value> =
  | { readonly value: Value }
  | { readonly failure: Failure; readonly retryAfterMs?: number | undefined; readonly retryNow?: boolean };

/**
 * The value of the first attempt that brings one. Transient failures are tried again: at once if the attempt says
 * so (it knows another way), else after exponential backoff with full jitter and never before the server's
 * retry-after, as long as attempts (the smaller of the run's limit and `ownMaxAttempts`) and the run's time last.
 * @throws Failure of the last attempt.
 */
export async function withRetries<Value>(
  run: Run,
  attempt: () => Promise<Outcome<Value>>,
  ownMaxAttempts = MAX_ATTEMPTS,
): Promise<Value> {
  const maxAttempts = Math.min(ownMaxAttempts, run.maxAttempts ?? MAX_ATTEMPTS);
  const startedAt = run.now();
  for (let count = 1; ; count++) {
    const outcome = await attempt();
    if ("value" in outcome) return outcome.value;
    if (!outcome.failure.transient) throw outcome.failure;
    if (count >= (outcome.retryNow === true ? Math.max(maxAttempts, 2) : maxAttempts)) {
      throw gaveUp(outcome.failure, count, run.now() - startedAt, "");
    }
    const waitMs = outcome.retryNow === true ? 0 : backoffMs(run, count) + (outcome.retryAfterMs ?? 0);
    const left = run.deadline.remaining();
    if (waitMs >= left) {
      const why = noTime(waitMs, left, outcome.retryAfterMs);
      throw gaveUp(outcome.failure, count, run.now() - startedAt, why);
    }
    if (waitMs > 0) await run.sleep(waitMs);
  }
}

/**
 * What the server asks for by `x-acs-retry-after` (ms) or `Retry-After` (seconds or a date), in ms.
 * `x-acs-retry-after`: read in @alicloud/openapi-core 1.0.8.
 */
export function retryAfterMs(headers: HttpResponse["headers"], now: number): number | undefined {
  const ownMs = Number(headers.get("x-acs-retry-after") ?? Number.NaN);
  if (ownMs >= 0) return ownMs;
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function backoffMs(run: Run, count: number): number {
  return run.random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (count - 1));
}

function gaveUp(failure: Failure, attempts: number, ms: number, why: string): Failure {
  const count = attempts === 1 ? "" : ` (${attempts} attempts)`;
  // All of the wait, not only that of the last attempt.
  const said = failure.message.replace(/\bwaited [\d.]+ s for\b/, `waited ${(ms / 1000).toFixed(1)} s for`);
  return count + why === "" ? failure : restate(failure, { message: `${said}${count}${why}` });
}

function noTime(waitMs: number, leftMs: number, asked: number | undefined): string {
  const left = `${(leftMs / 1000).toFixed(1)} s of timeouts.total are left`;
  return asked === undefined
    ? `; ${left}`
    : `; the server wants to be asked again in ${(waitMs / 1000).toFixed(1)} s at the earliest and ${left}`;
}
