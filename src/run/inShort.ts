import type { Run } from "./run.ts";

/**
 * The same run with the time of one request, and one attempt at it: a pod does not wait for a renewal that it can do
 * without, and an API that throttles a fleet is not asked four times by each node for what none of them misses yet.
 */
export function inShort(run: Run): Run {
  return { ...run, maxAttempts: 1, deadline: run.deadline.shortened(run.config.timeouts.requestMs) };
}
