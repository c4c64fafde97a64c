import type { Cache, Entry, EntryKind } from "../src/cache/cache.ts";
import type { Lock } from "../src/cache/lock.ts";
import type { VirtualTime } from "./virtualTime.ts";

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

  constructor(time: VirtualTime) {
    this.time = time;
  }
}

/** The cache as one process of the node sees it. Its locks work like those of src/cache/lock.ts between live processes. */
export class ProcessCache implements Cache {
  readonly #node: NodeCache;
  readonly #pid: number;

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
      return Promise.resolve({ heldBy: holder.pid });
    }
    const self: Holder = { pid: this.#pid, endsAt };
    locks.set(name, self);
    return Promise.resolve({ release: () => this.#release(name, self) });
  }

  #release(name: string, self: Holder): void {
    if (this.#node.locks.get(name) === self) this.#node.locks.delete(name);
  }
}

function nameOf(kind: EntryKind, key: string): string {
  return `${kind} ${key}`;
}
