import type { ProviderConfig } from "../src/config/config.ts";
import { newRecord } from "../src/log/record.ts";
import { Secrets } from "../src/log/secrets.ts";
import { Deadline } from "../src/run/deadline.ts";
import type { Run } from "../src/run/run.ts";
import { Measures } from "./measures.ts";
import { type NodeCache, ProcessCache } from "./nodeCache.ts";
import { Random } from "./random.ts";
import { type ApiOptions, SimulatedApi } from "./simulatedApi.ts";
import { type Answer, type Plugin, renew, type Timer } from "./variants.ts";
import { VirtualTime } from "./virtualTime.ts";

export interface FleetOptions {
  readonly nodes: number;
  readonly plugin: Plugin;
  readonly timer?: Timer;
  readonly api: ApiOptions;
  readonly seed: number;
  readonly config: ProviderConfig;
}

/** A simulation has no secrets: to search its messages for them would only take time. */
class NoSecrets extends Secrets {
  override add(): void {}
  override redact(text: string): string {
    return text;
  }
}

/** A fleet of nodes, its API and their simulated time. */
export class Fleet {
  readonly options: FleetOptions;
  readonly time = new VirtualTime();
  readonly random: Random;
  readonly measures = new Measures();
  readonly #api: SimulatedApi;
  readonly #secrets = new NoSecrets();

  constructor(options: FleetOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    this.#api = new SimulatedApi(options.api, this.time, this.random, this.measures);
  }

  /** Starts one process of the plugin on the node. Calls `ended` with its answer, which is undefined when it failed. */
  startPlugin(cache: NodeCache, ended: (answer: Answer | undefined) => void): void {
    this.#start(this.options.plugin, cache, ended);
  }

  /** Switches the node's timer on, where it has one: it runs at a moment of its own in each period. */
  startTimer(cache: NodeCache): void {
    const { timer } = this.options;
    if (timer === undefined) return;
    const tick = () => {
      this.#start(renew(timer), cache, () => {});
      this.time.at(this.time.now + timer.everyMs, tick);
    };
    this.time.at(this.time.now + this.random.between(0, timer.everyMs), tick);
  }

  #start(plugin: Plugin, cache: NodeCache, ended: (answer: Answer | undefined) => void): void {
    const run = this.#run(new ProcessCache(cache, ++this.measures.processes));
    this.time.start(() => plugin(run, (within) => this.#api.attempt(within)), ended);
  }

  #run(cache: ProcessCache): Run {
    const { config } = this.options;
    const now = () => this.time.now;
    return {
      env: {},
      now,
      random: () => this.random.next(),
      fetch: () => Promise.reject(new Error("there is no network in a simulation")),
      sleep: (ms) => this.time.sleep(ms),
      config,
      cache,
      obtained: new Map(),
      deadline: new Deadline(config.timeouts.totalMs, now),
      record: newRecord(),
      secrets: this.#secrets,
    };
  }
}
