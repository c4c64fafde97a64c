import { type Cache, noCache } from "../cache/cache.ts";
import { fileCache } from "../cache/fileCache.ts";
import type { ProviderConfig } from "../config/config.ts";
import type { RunRecord } from "../log/record.ts";
import type { Secrets } from "../log/secrets.ts";
import { Deadline } from "./deadline.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is read of an HTTP response: `Response` itself takes Node.js longer to load than to make the request. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Pick<Headers, "get">;
  /** Its bytes as they come; null where there are none. */
  readonly body: (AsyncIterable<Uint8Array> & { cancel(): Promise<void> }) | null;
}

/** What a run touches of the world outside; a test puts its own in. */
export interface Surroundings {
  readonly env: Environment;
  /** Epoch ms. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  readonly fetch: (url: string, init: RequestInit) => Promise<HttpResponse>;
  sleep(ms: number): Promise<void>;
}

/** Everything that one run of the executable has; passed to whatever needs to touch something. */
export interface Run extends Surroundings {
  readonly config: ProviderConfig;
  readonly cache: Cache;
  /** What can wait until the run itself waits for an answer: done once, while it is out. Never fails. */
  readonly whileWaiting?: (run: Run) => Promise<void>;
  readonly deadline: Deadline;
  /** How often one call is tried at most; absent: as often as `withRetries` does by itself. */
  readonly maxAttempts?: number;
  /** What `once` has obtained in this run. */
  readonly obtained: Map<string, Promise<unknown>>;
  /** What happened, for the log line. */
  readonly record: RunRecord;
  /** Values that no sink may ever let through: whoever learns a secret adds it here at once. */
  readonly secrets: Secrets;
}

/** The cache in a directory, for one run: what keeps it from being used becomes a warning of the run. */
export function cacheIn(directory: string, { now }: Surroundings, { warnings }: RunRecord): Cache {
  const warn = (message: string) => {
    if (!warnings.includes(message)) warnings.push(message);
  };
  return fileCache({ directory, now, warn });
}

/**
 * Everything one run has, made from the config and what it touches. Its time starts now.
 * @param cache the one that the config names, where there is one already.
 */
export function startRun(
  surroundings: Surroundings,
  config: ProviderConfig,
  record: RunRecord,
  secrets: Secrets,
  cache = config.cache.enabled ? cacheIn(config.cache.directory, surroundings, record) : noCache,
): Run {
  const { env, now, random, fetch, sleep } = surroundings;
  return {
    env,
    now,
    random,
    fetch,
    sleep,
    config,
    record,
    secrets,
    deadline: new Deadline(config.timeouts.totalMs, now),
    obtained: new Map(),
    cache,
  };
}

/**
 * The same run with the time of one request, and one attempt at it: a pod does not wait for a renewal that it can do
 * without, and an API that throttles a fleet is not asked four times by each node for what none of them misses yet.
 */
export function briefly(run: Run): Run {
  return { ...run, maxAttempts: 1, deadline: run.deadline.shortened(run.config.timeouts.requestMs) };
}

/** What `obtain` resolves to, obtained once in a run however often it is wanted; a failure is not kept. */
export function once<Value>(run: Run, name: string, obtain: () => Promise<Value>): Promise<Value> {
  const known = run.obtained.get(name);
  if (known !== undefined) return known as Promise<Value>;
  const value = obtain();
  run.obtained.set(name, value);
  value.catch(() => run.obtained.delete(name));
  return value;
}
