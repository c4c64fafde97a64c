import type { Cache } from "../cache/cache.ts";
import type { ProviderConfig } from "./config.ts";
import type { FoundFile } from "./configFile.ts";
import { nativeSource, secretsOf } from "./configSource.ts";
import { configForm } from "./generated/configForm.ts";
import type { KeptConfig } from "./keptConfig.ts";

const DAY_MS = 24 * 3600 * 1000;

/** A larger one is parsed at every run (characters of its text): an entry of the cache has its bounds. */
const MAX_LENGTH = 32 * 1024;

/**
 * Keeps what a config file comes to for the runs to come, for a day at most. One that holds a secret is never kept: an
 * AccessKey lives as long as no one deletes it, and its one place is the file that the operator has made.
 */
export async function keepConfig(
  cache: Cache,
  found: FoundFile,
  config: ProviderConfig,
  now: number,
): Promise<void> {
  if ((found.content?.text.length ?? 0) > MAX_LENGTH || holdsSecret(config)) return;
  const kept: KeptConfig = { ...found, form: configForm, config };
  await cache.put("config", found.file, kept, now + DAY_MS);
}

/** Besides AccessKeys, a credentials URI: its query may be a key to the credentials. */
function holdsSecret(config: ProviderConfig): boolean {
  if (secretsOf(nativeSource(config)).length > 0) return true;
  const identities = [config, ...config.registries].map(({ identity }) => identity);
  return identities.some(
    (identity) =>
      identity.source === "credentialsUri" ||
      (identity.source === "serviceAccountToken" && identity.fallback?.source === "credentialsUri"),
  );
}
