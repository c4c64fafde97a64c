import { Secrets } from "../src/log/secrets.ts";
import { apiFailure } from "../src/openapi/apiFailure.ts";
import type { Outcome } from "../src/openapi/retry.ts";
import { timeoutFailure } from "../src/run/deadline.ts";
import type { Run } from "../src/run/run.ts";
import type { Measures } from "./measures.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtualTime.ts";

const HOST = "cr-vpc.cn-hangzhou.aliyuncs.com";
const TOKEN_LIFE_MS = 60 * 60 * 1000;
/** An answer takes `least`, and a random time more that is `more` on average. */
const LATENCY_MS = { least: 30, more: 70 };
/** What a throttled answer asks for. */
const RETRY_AFTER_MS = 1000;

export interface ApiOptions {
  /** Calls a second that the API answers for the account; as many may come at once. */
  readonly limit: number;
  /** When (ms) the limit begins. Before that, the API answers every call. */
  readonly limitedFrom: number;
  /** When (ms) the API gives no answer of any kind. */
  readonly outage?: { readonly from: number; readonly to: number };
}

/** The failure that the real code makes of the gateway's answer to a throttled call. */
const throttled = apiFailure(
  { product: "cr", action: "GetAuthorizationToken", endpoint: HOST },
  { status: 400, headers: new Headers(), body: "" },
  { Code: "Throttling.User", Message: "Request was denied due to user flow control." },
  { now: 0, secrets: new Secrets() },
);

/** ACR's API for one account: a token bucket, answers that take their time, and outages. */
export class SimulatedApi {
  readonly #options: ApiOptions;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #measures: Measures;
  #allowance: number;
  #countedAt = 0;

  constructor(options: ApiOptions, time: VirtualTime, random: Random, measures: Measures) {
    this.#options = options;
    this.#time = time;
    this.#random = random;
    this.#measures = measures;
    this.#allowance = options.limit;
  }

  /** One call for a token, within the time that the run has left. Its value is when the token expires (ms). */
  async attempt(run: Run): Promise<Outcome<number>> {
    const now = this.#time.now;
    const allowed = Math.max(1, Math.ceil(run.deadline.atMost(run.config.timeouts.requestMs, HOST)));
    this.#measures.calls.add(now);
    const isAdmitted = !this.#isOut(now) && this.#admits(now);
    const takes = this.#isOut(now) ? Number.POSITIVE_INFINITY : this.#latency();
    if (takes > allowed) {
      await run.sleep(allowed);
      return { failure: timeoutFailure(HOST, allowed) };
    }
    if (isAdmitted) this.#measures.tokens.add(now);
    await run.sleep(takes);
    return isAdmitted ? { value: now + TOKEN_LIFE_MS } : { failure: throttled, retryAfterMs: RETRY_AFTER_MS };
  }

  #isOut(now: number): boolean {
    const { outage } = this.#options;
    return outage !== undefined && now >= outage.from && now < outage.to;
  }

  #admits(now: number): boolean {
    const { limit, limitedFrom } = this.#options;
    if (now < limitedFrom) return true;
    this.#allowance = Math.min(limit, this.#allowance + ((now - this.#countedAt) / 1000) * limit);
    this.#countedAt = now;
    if (this.#allowance < 1) return false;
    this.#allowance--;
    return true;
  }

  #latency(): number {
    return Math.ceil(LATENCY_MS.least + this.#random.gap(LATENCY_MS.more));
  }
}
