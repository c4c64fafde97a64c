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

/** "waited 5 s for sts.cn-hangzhou.aliyuncs.com" as a failure. */
export function timeoutFailure(waitingFor: string, waitedMs: number): Failure {
  return new Failure(`waited ${formatSeconds(waitedMs)} for ${waitingFor}`, {
    code: "Timeout",
    transient: true,
    remedy: "check the node's network, DNS and proxy towards that host",
  });
}

function formatSeconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
