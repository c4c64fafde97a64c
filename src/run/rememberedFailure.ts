import type { EntrySubject } from "../cache/cache.ts";
import { type ApiDetails, Failure } from "../failure/failure.ts";
import type { Run } from "./run.ts";

/**
 * For this long (ms) a refusal is not asked for again: a node retries one image many times while someone is
 * still fixing the permission, and must not wait longer once it is fixed.
 */
const REMEMBERED_MS = 3000;

interface RememberedFailure {
  readonly message: string;
  readonly code: string;
  readonly remedy?: string;
  readonly transient: boolean;
  readonly details: ApiDetails;
}

/** Until when (epoch ms) failures that were recalled are remembered: passed on, they must not last longer. */
const recalledUntil = new WeakMap<Failure, number>();

/** Keeps the failure to obtain what belongs under `key`, without secrets, for `forMs`. `subject`: what was asked for. */
export async function rememberFailure(
  run: Run,
  key: string,
  failure: Failure,
  { forMs = REMEMBERED_MS, subject }: { readonly forMs?: number; readonly subject?: EntrySubject } = {},
): Promise<void> {
  const { message, code, remedy, transient, details } = failure;
  const remembered: RememberedFailure = {
    message: run.secrets.redact(message),
    code,
    transient,
    details,
    ...(remedy === undefined ? {} : { remedy: run.secrets.redact(remedy) }),
  };
  const until = Math.min(run.now() + forMs, recalledUntil.get(failure) ?? Number.POSITIVE_INFINITY);
  await run.cache.put("failure", key, remembered, until, subject);
}

/**
 * The failure that another process met a moment ago: a refusal at any time within the last seconds, anything
 * else only when it happened since `since` (epoch ms), that is while this process waited for that one.
 */
export async function recalledFailure(run: Run, key: string, since?: number): Promise<Failure | undefined> {
  const entry = await run.cache.get("failure", key, isRememberedFailure);
  if (entry === undefined) return undefined;
  const { message, code, remedy, transient, details } = entry.value;
  if (transient && (since === undefined || entry.storedAt < since)) return undefined;
  const failure = new Failure(message, {
    code,
    transient,
    ...details,
    ...(remedy === undefined ? {} : { remedy }),
  });
  recalledUntil.set(failure, entry.expiresAt);
  return failure;
}

function isRememberedFailure(value: unknown): value is RememberedFailure {
  const failure = value as Partial<RememberedFailure> | null;
  return (
    typeof failure === "object" &&
    failure !== null &&
    typeof failure.message === "string" &&
    typeof failure.code === "string" &&
    typeof failure.transient === "boolean" &&
    typeof failure.details === "object"
  );
}
