import { type Entry, type EntryKind, type EntrySubject, isOfFuture } from "../cache/cache.ts";
import { asFailure, type Failure } from "../failure/failure.ts";
import type { CacheState } from "../log/record.ts";
import { byOneProcess } from "./byOneProcess.ts";
import { briefly, type Run } from "./run.ts";

/** A value that is kept between runs: when it is good, and how to get a new one. */
export interface Kept<Value> {
  /** For messages: `the token`. */
  readonly name: string;
  readonly kind: EntryKind;
  /** What it is kept under. */
  readonly key: string;
  /** What it is of, for `cache list`. */
  readonly subject?: EntrySubject;
  /** Under what one process asks for all, where two that share the entry must not share a failure; default: `key`. */
  askedAs?(): Promise<string>;
  /** For how long (ms) a failure, a passing one included, is not asked for again; default: a refusal for seconds. */
  readonly failuresLastMs?: number;
  check(value: unknown): value is Value;
  /** Whether it needs no renewal yet. */
  serves(entry: Entry<Value>): boolean;
  /**
   * Whether it is used once more when it could not be renewed. Without `failure`: whether it might be, so that the
   * renewal has the time of one request only.
   */
  standsIn(entry: Entry<Value>, failure?: Failure): boolean;
  /** Asks for a new one, within the time of the run that it gets. */
  obtain(run: Run): Promise<Value>;
  /** Until when (epoch ms) it is kept. */
  keptUntil(value: Value): number;
  /** The secrets in it. */
  secretsOf?(value: Value): readonly string[];
}

/**
 * The kept value while it serves, else a new one, asked for by one process of the node at a time, else the kept one
 * where it may stand in. `state`: `hit` kept, `wait` obtained by another process meanwhile, `miss` obtained, `stale`
 * kept although it is due, and `failure` says why.
 * @throws Failure that kept a new one from being obtained.
 */
export async function keptOrObtained<Value>(
  run: Run,
  kept: Kept<Value>,
): Promise<{ value: Value; state: CacheState; failure?: Failure }> {
  const entry = await readKept(run, kept);
  if (entry !== undefined && serves(run, kept, entry)) return { value: entry.value, state: "hit" };
  try {
    return await obtained(entry !== undefined && kept.standsIn(entry) ? briefly(run) : run, kept);
  } catch (error) {
    const failure = asFailure(error);
    if (entry === undefined || !kept.standsIn(entry, failure)) throw failure;
    run.record.warnings.push(`${kept.name} could not be renewed: ${failure.message} (code ${failure.code})`);
    return { value: entry.value, state: "stale", failure };
  }
}

/** What the cache holds, whether it serves or not; undefined when it holds nothing that is in force. */
export async function readKept<Value>(
  run: Run,
  { kind, key, check, secretsOf }: Pick<Kept<Value>, "kind" | "key" | "check" | "secretsOf">,
): Promise<Entry<Value> | undefined> {
  const entry = await run.cache.get(kind, key, check, { ofFuture: true });
  if (entry !== undefined) run.secrets.add(...(secretsOf?.(entry.value) ?? []));
  return entry;
}

/** Whether it needs no renewal yet; one that a wrong clock makes look like one of the future is due. */
function serves<Value>(run: Run, kept: Kept<Value>, entry: Entry<Value>): boolean {
  return !isOfFuture(entry, run.now()) && kept.serves(entry);
}

async function obtained<Value>(run: Run, kept: Kept<Value>): Promise<{ value: Value; state: CacheState }> {
  const { kind, key, subject, failuresLastMs } = kept;
  return byOneProcess<{ value: Value; state: CacheState }>(run, {
    kind,
    key: (await kept.askedAs?.()) ?? key,
    ...(subject === undefined ? {} : { subject }),
    ...(failuresLastMs === undefined ? {} : { failuresLastMs }),
    kept: async () => {
      const entry = await readKept(run, kept);
      return entry !== undefined && serves(run, kept, entry)
        ? { value: entry.value, state: "wait" }
        : undefined;
    },
    obtain: async () => {
      const value = await kept.obtain(run);
      await run.cache.put(kind, key, value, kept.keptUntil(value), subject);
      return { value, state: "miss" };
    },
  });
}
