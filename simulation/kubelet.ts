import type { Fleet } from "./fleet.ts";
import { NodeCache } from "./nodeCache.ts";
import { type Answer, works } from "./variants.ts";

/** Back-off of one pod's image pulls: kubelet's `imageBackOff`, 10 s doubled up to `MaxImageBackOff`. */
const FIRST_BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 300_000;
/** The kubelet looks at a pod that it could not start after this time, or up to half of it later (`podWorkers`). */
const LOOK_AGAIN_MS = 10_000;

/** How one kubelet gets credentials: its cache, one process per image at a time, and back-off per pod. */
export class Kubelet {
  readonly cache: NodeCache;
  readonly #fleet: Fleet;
  #answer: Answer | undefined;
  #keptUntil = Number.NEGATIVE_INFINITY;
  /** By image: who waits for the process that runs for it. */
  readonly #running = new Map<number, ((ok: boolean) => void)[]>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.cache = new NodeCache(fleet.time);
  }

  /** Until when (ms) the kubelet has credentials in its own cache, so that it starts no process. */
  get keptUntil(): number {
    return this.#keptUntil;
  }

  /** Gets credentials that no pod waits for. */
  prefetch(): void {
    this.#credentials(0, () => {});
  }

  /** Pods of one image that come at once. Pulls until they have credentials. */
  pull(image: number, pods: number): void {
    const { time, measures } = this.#fleet;
    const cameAt = time.now;
    let failures = 0;
    measures.podsPending += pods;
    const tried = (ok: boolean) => {
      if (ok) return this.#started(pods, cameAt, failures);
      measures.pullsFailed += pods;
      if (failures === 0) {
        measures.podsDelayed += pods;
        measures.waiting.add(time.now, pods);
      }
      time.at(time.now + this.#backOff(failures++), () => this.#credentials(image, tried));
    };
    this.#credentials(image, tried);
  }

  #started(pods: number, cameAt: number, failures: number): void {
    const { time, measures } = this.#fleet;
    measures.podsPending -= pods;
    measures.delays.add(time.now - cameAt, pods);
    if (failures > 0) measures.waiting.add(time.now, -pods);
  }

  /** From the kubelet's cache, from the process that already runs for this image, or from a new one. */
  #credentials(image: number, tried: (ok: boolean) => void): void {
    const { time, measures } = this.#fleet;
    if (time.now < this.#keptUntil) {
      if (this.#answer !== undefined && !works(this.#answer, time.now)) measures.expiredUses++;
      tried(true);
      return;
    }
    const waiting = this.#running.get(image);
    if (waiting !== undefined) {
      waiting.push(tried);
      return;
    }
    this.#running.set(image, [tried]);
    this.#fleet.startPlugin(this.cache, (answer) => this.#ended(image, answer));
  }

  #ended(image: number, answer: Answer | undefined): void {
    const { time, measures } = this.#fleet;
    if (answer !== undefined) {
      if (this.#answer === undefined) measures.firstTokens.add(time.now);
      if (!works(answer, time.now)) measures.expiredUses++;
      this.#answer = answer;
      this.#keptUntil = time.now + answer.cacheDurationSeconds * 1000;
    }
    const waiting = this.#running.get(image) ?? [];
    this.#running.delete(image);
    for (const tried of waiting) tried(answer !== undefined);
  }

  /** How long (ms) the pod waits for its next pull after so many failures: until the first look after its back-off. */
  #backOff(failures: number): number {
    const backOff = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
    let wait = 0;
    while (wait < backOff) wait += LOOK_AGAIN_MS * this.#fleet.random.between(1, 1.5);
    return wait;
  }
}
