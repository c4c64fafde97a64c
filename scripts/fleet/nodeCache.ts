import type { Cache, Entry, EntryKind } from "../../src/cache/cache.ts";
import type { Lock } from "../../src/cache/lock.ts";
import type { VirtualTime } from "./virtualTime.ts";

/** A process looks at every step again when it has less than this left (ms): it is about to give up. */
const LAST_MS = 1000;

const nothing = Promise.resolve(undefined);

interface Holder {
  readonly pid: number;
  readonly endsAt: number;
}

/** The cache directory of one node: what its processes share. */
export class NodeCache {
  readonly time: VirtualTime;
  readonly entries = new Map<string, Entry<unknown>>();
  readonly locks = new Map<string, Holder>();
  #listeners: (() => void)[] = [];

  constructor(time: VirtualTime) {
    this.time = time;
  }

  /** Tells those that wait for news that there are some. */
  changed(): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  /**
   * The sleep of a process that looks every `stepMs` whether something has changed. Looks that would show nothing
   * new are skipped, the others happen when they would have happened; from `quietUntil` on none is skipped.
   */
  untilNews(stepMs: number, quietUntil: number): Promise<void> {
    const start = this.time.now;
    return this.time.until((wake) => {
      let isAwake = false;
      const wakeFrom = (time: number) => {
        const steps = Math.max(1, Math.ceil((time - start) / stepMs));
        this.time.at(start + steps * stepMs, () => {
          if (!isAwake) wake();
          isAwake = true;
        });
      };
      this.#listeners.push(() => wakeFrom(this.time.now));
      wakeFrom(quietUntil);
    });
  }
}

/** The cache as one process of the node sees it; its locks behave as those of src/cache/lock.ts among live processes. */
export class ProcessCache implements Cache {
  readonly #node: NodeCache;
  readonly #pid: number;
  /** Until when (ms) nothing but news can end the wait for a lock that was refused. */
  #quietUntil: number | undefined;

  constructor(node: NodeCache, pid: number) {
    this.#node = node;
    this.#pid = pid;
  }

  get<Value>(
    kind: EntryKind,
    key: string,
    check: (value: unknown) => value is Value,
  ): Promise<Entry<Value> | undefined> {
    const entry = this.#node.entries.get(nameOf(kind, key));
    if (entry === undefined || entry.expiresAt <= this.#node.time.now || !check(entry.value)) return nothing;
    return Promise.resolve(entry as Entry<Value>);
  }

  put(kind: EntryKind, key: string, value: unknown, expiresAt: number): Promise<void> {
    this.#node.entries.set(nameOf(kind, key), { value, storedAt: this.#node.time.now, expiresAt });
    this.#node.changed();
    return nothing;
  }

  remove(kind: EntryKind, key: string): Promise<void> {
    this.#node.entries.delete(nameOf(kind, key));
    return nothing;
  }

  tryLock(kind: EntryKind, key: string, endsAt: number): Promise<Lock | { heldBy: number }> {
    const { locks, time } = this.#node;
    const name = nameOf(kind, key);
    const holder = locks.get(name);
    if (holder !== undefined && time.now < holder.endsAt) {
      this.#quietUntil = Math.min(holder.endsAt, endsAt - LAST_MS);
      return Promise.resolve({ heldBy: holder.pid });
    }
    const self: Holder = { pid: this.#pid, endsAt };
    locks.set(name, self);
    return Promise.resolve({ release: () => this.#release(name, self) });
  }

  #release(name: string, self: Holder): void {
    if (this.#node.locks.get(name) !== self) return;
    this.#node.locks.delete(name);
    this.#node.changed();
  }

  /** The sleep of this process. */
  sleep(ms: number): Promise<void> {
    const quietUntil = this.#quietUntil;
    this.#quietUntil = undefined;
    return quietUntil === undefined ? this.#node.time.sleep(ms) : this.#node.untilNews(ms, quietUntil);
  }
}

function nameOf(kind: EntryKind, key: string): string {
  return `${kind} ${key}`;
}
