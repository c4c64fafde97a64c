import { readdirSync } from "node:fs";
import type { EntryKind, EntrySubject } from "./cache.ts";
import { decodeEntry, type StoredEntry } from "./fileCache.ts";
import {
  checkPrivateDirectory,
  isPrivateDirectory,
  readPrivateFile,
  removeFile,
  withoutLinks,
} from "./files.ts";
import { isOurs } from "./sweep.ts";

/** One entry of the cache directory, without what is secret in it. Times in epoch ms. */
export interface ListedEntry extends EntrySubject {
  readonly file: string;
  readonly kind: EntryKind | "damaged";
  readonly storedAt?: number;
  /** When what is kept ends: a token may be kept beyond that. */
  readonly expiresAt?: number;
}

/**
 * What was obtained and is kept in the cache directory; what the config file comes to is not among it.
 * @throws Error when the directory is not ours to use.
 */
export function listCache(named: string): ListedEntry[] {
  return storedEntries(named, "").map(({ file, stored }) => {
    if (stored === undefined) return { file, kind: "damaged" };
    const { kind, storedAt } = stored;
    return { file, kind, ...subjectOf(stored), storedAt, expiresAt: endOf(stored) };
  });
}

/** A token that is kept: what it is of, and when it ends (epoch ms). */
export interface ListedToken extends EntrySubject {
  readonly expiresAt: number;
}

/** The tokens among what the cache directory holds. @throws Error when the directory is not ours to use. */
export function listTokens(named: string): ListedToken[] {
  return storedEntries(named, "token-").flatMap(({ stored }) =>
    stored === undefined ? [] : [{ ...subjectOf(stored), expiresAt: endOf(stored) }],
  );
}

interface EntryFile {
  readonly file: string;
  /** Undefined where it cannot be read, or reads as nonsense. */
  readonly stored: StoredEntry | undefined;
}

/** The entries whose files' names begin so. */
function storedEntries(named: string, beginning: string): EntryFile[] {
  const directory = withoutLinks(named);
  if (!isPrivateDirectory(directory)) return [];
  return cacheFiles(directory)
    .filter((name) => name.startsWith(beginning) && name.endsWith(".json") && !name.startsWith("config-"))
    .map((file) => ({ file, stored: storedIn(`${directory}/${file}`) }));
}

function storedIn(path: string): StoredEntry | undefined {
  try {
    return decodeEntry(readPrivateFile(path)?.toString("utf8") ?? "");
  } catch {
    return undefined;
  }
}

function subjectOf({ kind, subject, value }: StoredEntry): EntrySubject {
  if (kind === "region" && typeof value === "string") return { regionId: value };
  return subject ?? {};
}

/** Tokens and sessions say themselves when they end. */
function endOf({ expiresAt, value }: StoredEntry): number {
  const own = (value as { expiresAt?: unknown } | null | undefined)?.expiresAt;
  return typeof own === "number" ? Math.min(own, expiresAt) : expiresAt;
}

/** Why the cache could not be kept in the directory, or undefined. Changes nothing. */
export function problemOfDirectory(directory: string): string | undefined {
  try {
    checkPrivateDirectory(withoutLinks(directory), isOurs);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Forgets everything; returns how many files went. Files that are not the cache's stay. */
export function clearCache(named: string): number {
  const directory = withoutLinks(named);
  if (!isPrivateDirectory(directory)) return 0;
  return cacheFiles(directory).filter((file) => removeFile(`${directory}/${file}`)).length;
}

function cacheFiles(directory: string): string[] {
  return readdirSync(directory).filter(isOurs).sort();
}
