import { Failure } from "../failure/failure.ts";

/** The one time budget of a run: every wait is cut to what is left of it. Times in epoch ms. */
export class Deadline {
  readonly endsAt: number;
  readonly totalMs: number;
  readonly #now: () => number;

  constructor(totalMs: number, now: () => number) {
    this.totalMs = totalMs;
    this.#now = now;
    this.endsAt = now() + totalMs;
  }

  /** Milliseconds left, never negative. */
  remaining(): number {
    return Math.max(0, this.endsAt - this.#now());
  }

  /** A deadline within this one, at most `totalMs` from now. */
  shortened(totalMs: number): Deadline {
    return new Deadline(Math.min(totalMs, this.remaining()), this.#now);
  }

  /**
   * The time that one wait may take: `wantedMs`, or what is left if that is less.
   * @throws Failure `Timeout` (transient) when nothing is left; `waitingFor` names the object.
   */
  atMost(wantedMs: number, waitingFor: string): number {
    const left = this.remaining();
    if (left <= 0) throw timeoutFailure(waitingFor, this.totalMs);
    return Math.min(wantedMs, left);
  }
}

/** "waited 5 s for sts.cn-hangzhou.aliyuncs.com" as a failure; by default it is a host that was waited for. */
export function timeoutFailure(
  waitingFor: string,
  waitedMs: number,
  remedy = "check the node's network, DNS and proxy towards that host",
): Failure {
  return new Failure(`waited ${formatSeconds(waitedMs)} for ${waitingFor}`, {
    code: "Timeout",
    transient: true,
    remedy,
  });
}

function formatSeconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/** Every wait has its own limit within the deadline and ends a moment after it at the latest. */
const GRACE_MS = 500;

/**
 * The result of the work, or a Failure `Timeout` once the run's deadline is well past: what has not ended by itself
 * by then never will.
 */
export function orTimeout<Result>(
  run: { readonly deadline: Deadline; sleep(ms: number): Promise<void> },
  work: Promise<Result>,
): Promise<Result> {
  const timeout = async (): Promise<never> => {
    await run.sleep(run.deadline.remaining() + GRACE_MS);
    const remedy = "report this as a defect of aliyun-acr-credential-provider";
    throw timeoutFailure("a step that ignored its limit", run.deadline.totalMs + GRACE_MS, remedy);
  };
  return Promise.race([work, timeout()]);
}
