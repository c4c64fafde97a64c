import { drainMicrotasks } from "bun:jsc";

const MS_PER_SECOND = 1000;

type Callback = () => void;

/**
 * Simulated time in whole ms from 0. It stands still while a process (an async function) runs, and moves to the next
 * event when every process sleeps or has ended.
 */
export class VirtualTime {
  now = 0;
  readonly #queue = new EventQueue();
  /** Processes that neither sleep nor have ended. */
  #awake = 0;

  /** Calls back at that time, or now if that time has passed. */
  at(time: number, callback: () => void): void {
    this.#queue.push(Math.max(this.now, Math.ceil(time)), callback);
  }

  /** Starts a process and calls `ended` with its result. It may only wait for `sleep` and `until`. */
  start<Value>(process: () => Promise<Value>, ended: (value: Value) => void): void {
    this.#awake++;
    process().then((value) => {
      this.#awake--;
      ended(value);
    });
  }

  /** To be called by a process only. */
  sleep(ms: number): Promise<void> {
    return this.until((wake) => this.at(this.now + ms, wake));
  }

  /** Sleeps until someone calls `wake`. To be called by a process only. */
  until(giveWake: (wake: () => void) => void): Promise<void> {
    this.#awake--;
    return new Promise((resolve) => {
      giveWake(() => {
        this.#awake++;
        resolve();
      });
    });
  }

  /**
   * Runs all events up to that time, or until `isOver` is true after the events of one moment.
   * @throws Error when a process waits for something that is not simulated.
   */
  run(end: number, isOver: () => boolean = () => false): void {
    this.#letProcessesRun();
    for (;;) {
      const next = isOver() ? undefined : this.#queue.nextTime(end);
      if (next === undefined) break;
      this.now = next;
      for (const callback of this.#queue.take()) callback();
      this.#letProcessesRun();
    }
    if (!isOver()) this.now = end;
  }

  #letProcessesRun(): void {
    drainMicrotasks();
    if (this.#awake > 0) throw new Error("a simulated process waits for something that is not simulated");
  }
}

/** Callbacks by time: whole ms, never before the time that `nextTime` told last. Those of one time keep their order. */
class EventQueue {
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
