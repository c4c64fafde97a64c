import type { Cache } from "../cache/cache.ts";
import type { ProviderConfig } from "./config.ts";
import type { FoundFile } from "./configFile.ts";
import { configForm } from "./generated/configForm.ts";

/** A config that an earlier run has parsed and checked, and the file that it was: the very text, mode and owner. */
export interface KeptConfig extends FoundFile {
  /** Of the code that made it: another release may make something else of the same text. */
  readonly form: string;
  readonly config: ProviderConfig;
}

/** The default of `cache.directory`; the config's schema has the same. */
export const DEFAULT_CACHE_DIRECTORY = "/run/aliyun-acr-credential-provider";

/**
 * What an earlier run has made of the same file, and the cache that it was kept in, which is the one that it names.
 * Undefined where there is none: then the file is to be parsed and checked.
 * @param cacheIn the cache in a directory.
 */
export async function keptConfig(
  found: FoundFile,
  cacheIn: (directory: string) => Cache,
): Promise<{ config: ProviderConfig; cache: Cache } | undefined> {
  const directory = likelyCacheDirectory(found.content?.text ?? "");
  if (directory === undefined) return undefined;
  const cache = cacheIn(directory);
  const kept = (await cache.get("config", found.file, isKeptConfig))?.value;
  if (kept?.form !== configForm || !isSameFile(kept, found)) return undefined;
  const { config } = kept;
  return config.cache.enabled && config.cache.directory === directory ? { config, cache } : undefined;
}

/**
 * Where the config keeps its cache, as far as a look at the text can tell; undefined where it says so in other ways. A
 * wrong guess finds nothing, or a config that names another directory. A config with a secret is never kept, and where the
 * cache is switched off no one is to look at its directory.
 */
function likelyCacheDirectory(text: string): string | undefined {
  if (text.includes("accessKeySecret") || switchesSomethingOff(text)) return undefined;
  if (!text.includes("cache")) return DEFAULT_CACHE_DIRECTORY;
  return /(?:^|[\s{,])"?cache"?:[\s{]*"?directory"?: *["']?(\/[^\s"',}]+)/.exec(text)?.[1];
}

function switchesSomethingOff(text: string): boolean {
  return text.includes("enabled") && /enabled["']?\s*:\s*(?:false|no|off)\b/i.test(text);
}

function isKeptConfig(value: unknown): value is KeptConfig {
  return typeof value === "object" && value !== null && "form" in value;
}

function isSameFile(kept: FoundFile, found: FoundFile): boolean {
  const [before, now] = [kept.content, found.content];
  return (
    kept.file === found.file &&
    before?.text === now?.text &&
    before?.mode === now?.mode &&
    before?.uid === now?.uid
  );
}
