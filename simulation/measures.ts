/** Everything that is counted while a fleet is simulated. Times in ms of simulated time. */
export class Measures {
  /** Calls that reached the API, or were lost on the way to it, by second. */
  readonly calls = new Series();
  /** Calls that the API answered with a token, by second. */
  readonly tokens = new Series();
  /** Nodes that got their first token, by second. */
  readonly firstTokens = new Series();
  /** Changes of the number of pods that wait for credentials after a failed pull, by second. */
  readonly waiting = new Series();
  /** Pods by how long they waited for credentials, in seconds. */
  readonly delays = new Series();
  /** Plugin processes that were started. */
  processes = 0;
  /** Pods whose first pull failed. */
  podsDelayed = 0;
  /** Pulls that failed, the later ones of the same pod included. */
  pullsFailed = 0;
  /** Pods that have not got credentials yet. */
  podsPending = 0;
  /** Credentials that the kubelet used after they had expired. Not 0 is a defect. */
  expiredUses = 0;
}

/** Numbers by second of simulated time; grows as needed. */
export class Series {
  readonly #values: number[] = [];

  add(time: number, count = 1): void {
    const second = Math.floor(time / 1000);
    while (this.#values.length <= second) this.#values.push(0);
    this.#values[second] = (this.#values[second] as number) + count;
  }

  /** The values of the seconds in [from, to) ms. */
  between(from: number, to: number): number[] {
    const first = Math.floor(from / 1000);
    const count = Math.ceil(to / 1000) - first;
    return Array.from({ length: count }, (_, index) => this.#values[first + index] ?? 0);
  }

  get seconds(): number {
    return this.#values.length;
  }
}
