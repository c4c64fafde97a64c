import type { Cache } from "../cache/cache.ts";
import type { ProviderConfig } from "./config.ts";
import type { FoundFile } from "./configFile.ts";
import { nativeSource, secretsOf } from "./configSource.ts";
import { configForm } from "./generated/configForm.ts";
import { isPlainWord, type KeptConfig, keptAs, SECRET_HERE } from "./keptConfig.ts";

const DAY_MS = 24 * 3600 * 1000;

/**
 * Keeps what a config file comes to for the runs to come, for a day at most, without its secret: an AccessKey lives as
 * long as no one deletes it, and its one place is the file that the operator has made. What has more than one secret, or
 * one that is more than a plain word, is not kept, nor a large one with a secret. `host`: whose part of a large one it is.
 */
export async function keepConfig(
  cache: Cache,
  found: FoundFile,
  config: ProviderConfig,
  now: number,
  host = () => "",
): Promise<void> {
  const { key, kept: asKept } = keptAs(found, host);
  const { file, content } = asKept;
  const [secret = "", ...others] = new Set(secretsOf(nativeSource(config)));
  const json = JSON.stringify(config);
  const isUnfit = others.length > 0 || json.includes(SECRET_HERE) || usesCredentialsUri(config);
  if (isUnfit) return;
  const parts = secret === "" ? [content?.text ?? ""] : (content?.text ?? "").split(secret);
  if (secret !== "" && (parts.length === 1 || !isPlainWord(secret))) return;
  const kept: KeptConfig = {
    form: configForm,
    file,
    ...(content === undefined ? {} : { parts, mode: content.mode, uid: content.uid }),
    secretLength: secret.length,
    config: secret === "" ? json : json.replaceAll(secret, SECRET_HERE),
  };
  await cache.put("config", key, kept, now + DAY_MS);
}

/** Its query may be a key to the credentials. */
function usesCredentialsUri(config: ProviderConfig): boolean {
  const identities = [config, ...config.registries].map(({ identity }) => identity);
  return identities.some(
    (identity) =>
      identity.source === "credentialsUri" ||
      (identity.source === "serviceAccountToken" && identity.fallback?.source === "credentialsUri"),
  );
}
