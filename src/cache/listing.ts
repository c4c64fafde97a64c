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

/** What the cache directory holds. @throws Error when the directory is not ours to use. */
export function listCache(named: string): ListedEntry[] {
  const directory = withoutLinks(named);
  if (!isPrivateDirectory(directory)) return [];
  return cacheFiles(directory)
    .filter((name) => name.endsWith(".json"))
    .map((file) => listedEntry(directory, file));
}

function listedEntry(directory: string, file: string): ListedEntry {
  try {
    const stored = decodeEntry(readPrivateFile(`${directory}/${file}`)?.toString("utf8") ?? "");
    if (stored !== undefined) {
      const { kind, storedAt } = stored;
      return { file, kind, ...subjectOf(stored), storedAt, expiresAt: endOf(stored) };
    }
  } catch {
    // A file that cannot be read is listed as damaged, like one that reads as nonsense.
  }
  return { file, kind: "damaged" };
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
