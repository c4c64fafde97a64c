import { timeoutFailure } from "./deadline.ts";
import type { Run } from "./run.ts";

/** Every wait has its own limit within the deadline and ends a moment after it at the latest. */
const GRACE_MS = 500;

/**
 * The result of the work, or a Failure `Timeout` once the run's deadline is well past: what has not ended by itself
 * by then never will.
 */
export function orTimeout<Result>(run: Run, work: Promise<Result>): Promise<Result> {
  const timeout = async (): Promise<never> => {
    await run.sleep(run.deadline.remaining() + GRACE_MS);
    throw timeoutFailure("a step that ignored its limit", run.deadline.totalMs + GRACE_MS);
  };
  return Promise.race([work, timeout()]);
}
