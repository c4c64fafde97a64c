import type { Run } from "./run.ts";

/** The same run with the time of one request: a pod does not wait long for a renewal that it can do without. */
export function inShort(run: Run): Run {
  return { ...run, deadline: run.deadline.shortened(run.config.timeouts.requestMs) };
}
