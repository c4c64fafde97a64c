import { noCache } from "../../cache/cache.ts";
import { asFailure, type Failure } from "../../failure/failure.ts";
import { Deadline, orTimeout } from "../../run/deadline.ts";
import type { Run } from "../../run/run.ts";

/** A passing hiccup is no finding, and a host that hangs is one before the operator has left. */
const MAX_ATTEMPTS = 2;

/**
 * The run as doctor asks: nothing kept is believed or left behind, and each group has `timeouts.total` for itself. Whom
 * `access` lets pull is not asked, because no pod is there to be asked about.
 */
export function freshRun(run: Run): Run {
  const { config, now } = run;
  return {
    ...run,
    cache: noCache,
    maxAttempts: MAX_ATTEMPTS,
    deadline: new Deadline(config.timeouts.totalMs, now),
    config: { ...config, access: { namespaces: ["*"], serviceAccounts: ["*"] } },
  };
}

/** How a piece of work ended, and how long (ms) it took. */
export type Timed<Value> = { readonly durationMs: number } & (
  | { readonly value: Value }
  | { readonly failure: Failure }
);

/** Does a piece of work within the run's time, whatever hangs, and times it. Never rejects. */
export async function timed<Value>(run: Run, work: () => Promise<Value>): Promise<Timed<Value>> {
  const startedAt = run.now();
  try {
    const value = await orTimeout(run, work());
    return { value, durationMs: run.now() - startedAt };
  } catch (error) {
    return { failure: asFailure(error), durationMs: run.now() - startedAt };
  }
}

/** A failed check's words for a failure: its own, with its code and the API's request id. */
export function failedBy(
  failure: Failure,
  remedy = failure.remedy ?? "see the group network",
): { status: "failed"; found: string; remedy: string } {
  const { requestId } = failure.details;
  const id = requestId === undefined ? "" : `, request id ${requestId}`;
  return { status: "failed", found: `${failure.message} (code ${failure.code}${id})`, remedy };
}
