import { drainMicrotasks } from "bun:jsc";
import { EventQueue } from "./eventQueue.ts";

/**
 * Simulated time in whole ms from 0. Time stands still while a process (an async function) runs, and goes on to the
 * next event when all of them sleep or have ended.
 */
export class VirtualTime {
  now = 0;
  readonly #queue = new EventQueue();
  /** Processes that neither sleep nor have ended. */
  #awake = 0;

  /** Calls back at that time, or now if it is over. */
  at(time: number, callback: () => void): void {
    this.#queue.push(Math.max(this.now, Math.ceil(time)), callback);
  }

  /** Starts a process; `ended` hears its end. It may wait for nothing but `sleep` and `until`. */
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

  /** A sleep until somebody calls `wake`. */
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
   * Lets everything happen up to that time, or until `isOver` at the end of an event.
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
