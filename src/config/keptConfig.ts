import type { Cache } from "../cache/cache.ts";
import { sha256Hex } from "../text/digest.ts";
import type { ProviderConfig } from "./config.ts";
import type { FoundFile } from "./configFile.ts";
import { configForm } from "./generated/configForm.ts";

/** A config that an earlier run has parsed and checked, and the file that it was. What is secret in it is in neither. */
export interface KeptConfig {
  /** Of the code that made it: another release may make something else of the same text. */
  readonly form: string;
  readonly file: string;
  /** What stands before, between and behind the secret in the text; all of it where there is none. Absent: no file. */
  readonly parts?: readonly string[];
  /** 0 where there is none. */
  readonly secretLength: number;
  readonly mode?: number;
  readonly uid?: number;
  /** The effective config as JSON, with `SECRET_HERE` in the place of the secret. */
  readonly config: string;
}

/** A larger one (characters of its text) is kept in parts: an entry of the cache has its bounds, and a hit its time. */
const LARGE = 32 * 1024;

/** Whether of the config only what a host needs is kept, for that host alone. */
export function isLarge({ content }: FoundFile): boolean {
  return (content?.text.length ?? 0) > LARGE;
}

/** What a file is kept under, and as: of a large one the digest stands in the place of its text. */
export function keptAs(found: FoundFile, host: () => string): { key: string; kept: FoundFile } {
  const { file, content } = found;
  if (content === undefined || !isLarge(found)) return { key: file, kept: found };
  const text = sha256Hex(content.text);
  return { key: JSON.stringify([file, host()]), kept: { file, content: { ...content, text } } };
}

export const SECRET_HERE = "****************";

/** The default of `cache.directory`; the config's schema has the same. */
export const DEFAULT_CACHE_DIRECTORY = "/run/aliyun-acr-credential-provider";

/**
 * What an earlier run has made of the same file, and the cache that it was kept in, which is the one that it names.
 * Undefined where there is none: then the file is to be parsed and checked.
 * @param cacheIn the cache in a directory. @param onSecret hears the secret of the file. @param host for which the config
 * is needed: of a large one there is only what its run for the same host has kept.
 */
export async function keptConfig(
  found: FoundFile,
  cacheIn: (directory: string) => Cache,
  onSecret: (value: string) => void,
  host = () => "",
): Promise<{ config: ProviderConfig; cache: Cache } | undefined> {
  const directory = likelyCacheDirectory(found.content?.text ?? "");
  if (directory === undefined) return undefined;
  const cache = cacheIn(directory);
  const sought = keptAs(found, host);
  const kept = (await cache.get("config", sought.key, isKeptConfig))?.value;
  const secret = kept?.form === configForm ? secretOf(kept, sought.kept) : undefined;
  if (kept === undefined || secret === undefined) return undefined;
  onSecret(secret);
  const config = JSON.parse(kept.config.replaceAll(SECRET_HERE, secret)) as ProviderConfig;
  return config.cache.enabled && config.cache.directory === directory ? { config, cache } : undefined;
}

/**
 * Where the config keeps its cache, as far as a look at the text can tell; undefined where it says so in other ways. A
 * wrong guess finds nothing, or a config that names another directory. Where something is switched off it may be the
 * cache, and then no one is to look at its directory.
 */
function likelyCacheDirectory(text: string): string | undefined {
  if (text.includes("enabled") && /enabled["']?\s*:\s*(?:false|no|off)\b/i.test(text)) return undefined;
  if (!text.includes("cache")) return DEFAULT_CACHE_DIRECTORY;
  return /(?:^|[\s{,])"?cache"?:[\s{]*"?directory"?: *["']?(\/[^\s"',}]+)/.exec(text)?.[1];
}

function isKeptConfig(value: unknown): value is KeptConfig {
  return typeof value === "object" && value !== null && "form" in value;
}

/**
 * The secret in a file that is the kept one but for its secret, "" where there is none; undefined for another file. The
 * secret may have changed since: it is a plain word in the same place, and so means itself.
 */
function secretOf(kept: KeptConfig, { file, content }: FoundFile): string | undefined {
  const { parts, secretLength, mode, uid } = kept;
  if (kept.file !== file || mode !== content?.mode || uid !== content?.uid) return undefined;
  if (content === undefined || parts === undefined) return parts === content ? "" : undefined;
  const start = parts[0]?.length ?? 0;
  const secret = content.text.slice(start, start + secretLength);
  if (parts.join(secret) !== content.text) return undefined;
  return secret === "" || isPlainWord(secret) ? secret : undefined;
}

/** Letters and digits that are a text wherever YAML has them, with quotes or without: no number has a letter of these. */
export function isPlainWord(text: string): boolean {
  return /^[A-Za-z0-9]{16,}$/.test(text) && /[g-np-wyzG-NP-WYZ]/.test(text);
}
