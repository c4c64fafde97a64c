import { noCache } from "../cache/cache.ts";
import { fileCache } from "../cache/fileCache.ts";
import type { ProviderConfig } from "../config/config.ts";
import type { RunRecord } from "../log/record.ts";
import type { Secrets } from "../log/secrets.ts";
import { Deadline } from "./deadline.ts";
import type { Run, Surroundings } from "./run.ts";

/** Everything one run has, made from the config and what it touches. Its time starts now. */
export function startRun(
  surroundings: Surroundings,
  config: ProviderConfig,
  record: RunRecord,
  secrets: Secrets,
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
    cache: config.cache.enabled
      ? fileCache({
          directory: config.cache.directory,
          now,
          warn: (message) => record.warnings.push(message),
        })
      : noCache,
  };
}
