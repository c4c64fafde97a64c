const MS_PER_SECOND = 1000;

type Callback = () => void;

/** Callbacks by time (whole ms, never before the one asked for last), those of one time in the order they came. */
export class EventQueue {
  /** By second, what is due after the current one. */
  readonly #later: ([time: number, callback: Callback][] | undefined)[] = [];
  /** By ms, what is due in the current second. */
  readonly #slots: Callback[][] = Array.from({ length: MS_PER_SECOND }, () => []);
  #second = 0;
  #slot = 0;

  push(time: number, callback: Callback): void {
    const second = Math.floor(time / MS_PER_SECOND);
    if (second === this.#second) {
      this.#slots[time % MS_PER_SECOND]?.push(callback);
      return;
    }
    this.#later[second] ??= [];
    this.#later[second]?.push([time, callback]);
  }

  /** When the next callback is due, undefined if that is after `end`. */
  nextTime(end: number): number | undefined {
    for (;;) {
      const lastSlot = end - this.#second * MS_PER_SECOND;
      for (; this.#slot < MS_PER_SECOND && this.#slot <= lastSlot; this.#slot++) {
        if (this.#slots[this.#slot]?.length !== 0) return this.#second * MS_PER_SECOND + this.#slot;
      }
      if (lastSlot < MS_PER_SECOND) {
        this.#slot = lastSlot;
        return undefined;
      }
      this.#enterSecond(this.#second + 1);
    }
  }

  /** Takes all callbacks that are due at the time that `nextTime` told. */
  take(): readonly Callback[] {
    const callbacks = this.#slots[this.#slot] ?? [];
    this.#slots[this.#slot] = [];
    return callbacks;
  }

  #enterSecond(second: number): void {
    this.#second = second;
    this.#slot = 0;
    for (const [time, callback] of this.#later[second] ?? [])
      this.#slots[time % MS_PER_SECOND]?.push(callback);
    this.#later[second] = undefined;
  }
}
