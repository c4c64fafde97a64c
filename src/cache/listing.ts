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

/** What the entry is of; entries of older releases say it in their keys, but for the identity's name. */
function subjectOf({ kind, key, subject, value }: StoredEntry): EntrySubject {
  if (kind === "region" && typeof value === "string") return { regionId: value };
  return subject ?? subjectInKey(kind, key);
}

/** The place of instance and region in the keys that are lists. */
const places: Partial<Record<EntryKind, { readonly instanceId?: number; readonly regionId: number }>> = {
  token: { instanceId: 1, regionId: 2 },
  domains: { instanceId: 0, regionId: 1 },
  instance: { regionId: 1 },
};

function subjectInKey(kind: EntryKind, key: string): EntrySubject {
  const place = places[kind];
  if (place === undefined) return {};
  const parts = JSON.parse(key) as unknown[];
  const part = (index: number | undefined) => (index === undefined ? undefined : parts[index]);
  const [instanceId, regionId] = [part(place.instanceId), part(place.regionId)];
  return {
    ...(typeof instanceId === "string" ? { instanceId } : {}),
    ...(typeof regionId === "string" ? { regionId } : {}),
  };
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
