const FIRST_CAPACITY = 1024;

/** Callbacks by time, the earliest first; callbacks of one time in the order in which they came. A binary heap. */
export class EventQueue {
  #times = new Float64Array(FIRST_CAPACITY);
  #orders = new Float64Array(FIRST_CAPACITY);
  readonly #callbacks: (() => void)[] = [];
  #size = 0;
  #count = 0;

  /** When the first callback is due; Infinity when there is none. */
  get nextTime(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  push(time: number, callback: () => void): void {
    if (this.#size === this.#times.length) this.#grow();
    const order = this.#count++;
    let index = this.#size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(time, order, parent)) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#set(index, time, order, callback);
  }

  /** Takes the first callback. The queue must not be empty. */
  pop(): () => void {
    const first = this.#callbacks[0] as () => void;
    const last = --this.#size;
    const callback = this.#callbacks[last] as () => void;
    this.#callbacks.length = last;
    if (last > 0) this.#sink(this.#times[last] as number, this.#orders[last] as number, callback);
    return first;
  }

  /** Puts an event in at the top and lets it sink to its place. */
  #sink(time: number, order: number, callback: () => void): void {
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#size) break;
      const right = child + 1;
      if (right < this.#size && this.#isBefore(this.#times[right] as number, this.#orders[right] as number, child)) {
        child = right;
      }
      if (this.#isBefore(time, order, child)) break;
      this.#move(child, index);
      index = child;
    }
    this.#set(index, time, order, callback);
  }

  #isBefore(time: number, order: number, index: number): boolean {
    const other = this.#times[index] as number;
    return time < other || (time === other && order < (this.#orders[index] as number));
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#times[from] as number, this.#orders[from] as number, this.#callbacks[from] as () => void);
  }

  #set(index: number, time: number, order: number, callback: () => void): void {
    this.#times[index] = time;
    this.#orders[index] = order;
    this.#callbacks[index] = callback;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const orders = new Float64Array(times.length);
    times.set(this.#times);
    orders.set(this.#orders);
    this.#times = times;
    this.#orders = orders;
  }
}
