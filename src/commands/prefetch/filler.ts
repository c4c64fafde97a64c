import type { CommandContext } from "../../cli/command.ts";
import type { ProviderConfig } from "../../config/config.ts";
import { asFailure, type Failure } from "../../failure/failure.ts";
import { newRecord } from "../../log/record.ts";
import { Deadline } from "../../run/deadline.ts";
import { type Run, startRun } from "../../run/run.ts";
import { whyPod } from "../withoutPod.ts";
import { fillHost } from "./fillHost.ts";

/** So many registries are asked for at a time: ACR's API limits what an account may ask. */
const AT_ONCE = 4;

/** All of it takes at most so many times `timeouts.total`, by default 75 s: systemd gives a unit 90 s to start. */
const TOTAL_SHARE = 3;

export interface Filling {
  /** A token with less than this left (ms) is renewed. */
  readonly renewBelowMs: number;
  /** Whether registries that need a pod are left out and said; else they are failures. */
  readonly skipsPods: boolean;
  /** Hears of each failure. */
  report(failure: Failure): void;
}

/** Registries with what their next pull needs, without, and those that only a pod can get it for. */
export interface Tally {
  filled: number;
  failed: number;
  skipped: number;
}

/** Fills the cache host by host within one time, says each on stdout, and counts. One that fails keeps no other from it. */
export class Filler {
  readonly tally: Tally = { filled: 0, failed: 0, skipped: 0 };
  readonly #context: CommandContext;
  readonly #config: ProviderConfig;
  readonly #filling: Filling;
  readonly #whole: Deadline;
  /** What one run has obtained serves the others. */
  readonly #obtained: Run["obtained"] = new Map();

  constructor(context: CommandContext, config: ProviderConfig, filling: Filling) {
    this.#context = context;
    // Whose pods may pull is for the pull to decide: nothing here leaves the cache.
    this.#config = { ...config, access: { namespaces: ["*"], serviceAccounts: ["*"] } };
    this.#filling = filling;
    this.#whole = new Deadline(TOTAL_SHARE * config.timeouts.totalMs, context.now);
  }

  /** A run for one registry: its own time and record. */
  run(): Run {
    const { totalMs } = this.#config.timeouts;
    return {
      ...startRun(this.#context, this.#config, newRecord(), this.#context.secrets),
      deadline: this.#whole.shortened(totalMs),
      obtained: this.#obtained,
    };
  }

  /** Gets or renews the host's token. */
  fill(host: string): Promise<void> {
    return this.attempt(host, async () => {
      const say = (line: string) => this.#context.print(`${line}\n`);
      await fillHost(this.run(), host, this.#filling.renewBelowMs, say);
      this.tally.filled++;
    });
  }

  /** Does the work for the subject; a failure of it is told and counted. */
  async attempt(subject: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const failure = asFailure(error);
      const why = this.#filling.skipsPods ? whyPod(failure) : undefined;
      this.tally[why === undefined ? "failed" : "skipped"]++;
      if (why === undefined) this.#filling.report(failure);
      else this.#context.print(`${subject}: skipped: ${why}\n`);
    }
  }

  /** Does the work on every item, on so many at a time as is good for the API. */
  async each<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
    const queue = [...items];
    const worker = async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
}
