import type { Cache } from "../cache/cache.ts";
import type { ProviderConfig } from "../config/config.ts";
import type { RunRecord } from "../log/record.ts";
import type { Secrets } from "../log/secrets.ts";
import type { Deadline } from "./deadline.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a run touches of the world outside; a test puts its own in. */
export interface Surroundings {
  readonly env: Environment;
  /** Epoch ms. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  sleep(ms: number): Promise<void>;
}

/** Everything that one run of the executable has; passed to whatever needs to touch something. */
export interface Run extends Surroundings {
  readonly config: ProviderConfig;
  readonly cache: Cache;
  readonly deadline: Deadline;
  /** How often one call is tried at most; absent: as often as `withRetries` does by itself. */
  readonly maxAttempts?: number;
  /** What happened, for the log line. */
  readonly record: RunRecord;
  /** Values that no sink may ever let through: whoever learns a secret adds it here at once. */
  readonly secrets: Secrets;
}
