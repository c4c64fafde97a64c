import { checksum, sha256Hex } from "../text/digest.ts";
import { utf8 } from "../text/utf8.ts";
import { type Cache, type Entry, type EntryKind, type EntrySubject, isOfFuture } from "./cache.ts";
import {
  isPrivateDirectory,
  preparePrivateDirectory,
  readPrivateFile,
  removeFile,
  replacePrivateFile,
  withoutLinks,
} from "./files.ts";
import { lockHolder, tryLock } from "./lock.ts";
import { isOurs, LOCK, sweep, TEMPORARY } from "./sweep.ts";

export interface FileCacheOptions {
  readonly directory: string;
  /** Epoch ms. */
  now(): number;
  /** Takes one line about a cache that cannot be used; the run goes on without it. */
  warn(message: string): void;
}

export interface StoredEntry {
  readonly kind: EntryKind;
  readonly key: string;
  readonly storedAt: number;
  readonly expiresAt: number;
  /** Absent in entries of releases before there was one. */
  readonly subject?: EntrySubject;
  readonly value: unknown;
}

/** A file name has at most 255 bytes; kind, endings and what temporary files add take less than 90 of them. */
const LONGEST_KEY_NAME = 160;

/**
 * Where the entry of this key stands: `<directory>/<kind>-<key in base64url>.json`, or with a digest of the key where
 * it is long. Most keys are short, and a cache hit then computes no digest. What two keys share is no more than a file:
 * the key inside decides.
 */
export function entryPath(directory: string, kind: EntryKind, key: string): string {
  const name = utf8(key).toString("base64url");
  return `${directory}/${kind}-${name.length <= LONGEST_KEY_NAME ? name : sha256Hex(key)}.json`;
}

/** The cache in a private directory: one file an entry, replaced by rename. Without usable directory: empty. */
export function fileCache(options: FileCacheOptions): Cache {
  const { now, warn } = options;
  /** Without links once it was looked at. */
  let directory = options.directory;
  const paths = new Map<string, string>();
  let readable: boolean | undefined;
  let writable: boolean | undefined;

  /** Worked out once: a process that waits looks at the same entry again and again. */
  function pathOf(kind: EntryKind, key: string): string {
    const name = `${kind} ${key}`;
    const path = paths.get(name) ?? entryPath(directory, kind, key);
    paths.set(name, path);
    return path;
  }

  function located(): string {
    directory = withoutLinks(directory);
    return directory;
  }

  /** Looked at once, and without changing anything: whoever only reads leaves no trace. */
  function isReadable(): boolean {
    readable ??= attempt(() => isPrivateDirectory(located()), "use the cache directory")?.result ?? false;
    return readable;
  }

  /** Made and tidied once by a process that writes, which a cache hit does not. */
  function isWritable(): boolean {
    if (writable === undefined) {
      const prepared = attempt(() => preparePrivateDirectory(located(), isOurs), "use the cache directory");
      if (prepared !== undefined) attempt(() => sweep(directory, prepared.result, now()), "tidy the cache");
      writable = prepared !== undefined;
      readable = writable;
    }
    return writable;
  }

  function attempt<Result>(action: () => Result, what: string): { result: Result } | undefined {
    try {
      return { result: action() };
    } catch (error) {
      warn(`unable to ${what}: ${(error as Error).message}`);
      return undefined;
    }
  }

  return {
    async get<Value>(
      kind: EntryKind,
      key: string,
      check: (value: unknown) => value is Value,
      { ofFuture = false } = {},
    ) {
      if (!isReadable()) return undefined;
      const path = pathOf(kind, key);
      const content = attempt(() => readPrivateFile(path), "read the cache")?.result;
      if (content === undefined) return undefined;
      const stored = decodeEntry(content.toString("utf8"));
      if (stored === undefined || stored.kind !== kind || stored.key !== key || !check(stored.value)) {
        warn(`unable to use the cache entry ${path}: it is damaged or foreign`);
        return undefined;
      }
      const inForce = now() < stored.expiresAt && (ofFuture || !isOfFuture(stored, now()));
      return inForce ? ({ ...stored, value: stored.value } satisfies Entry<Value>) : undefined;
    },

    async put(kind, key, value, expiresAt, subject) {
      if (!isWritable()) return;
      const path = pathOf(kind, key);
      const content = encodeEntry({
        kind,
        key,
        storedAt: now(),
        expiresAt,
        ...(subject === undefined ? {} : { subject }),
        value,
      });
      const temporary = `${path}.${process.pid}.${crypto.randomUUID()}${TEMPORARY}`;
      attempt(() => replacePrivateFile(path, temporary, content), "write the cache");
    },

    async remove(kind, key) {
      if (isWritable()) removeFile(pathOf(kind, key));
    },

    async tryLock(kind, key, endsAt) {
      const path = () => `${pathOf(kind, key)}${LOCK}`;
      // Whoever waits leaves the tidying to the one that it waits for: 200 of them would look at each other's files.
      const heldBy = isReadable() ? lockHolder(path(), now()) : undefined;
      if (heldBy !== undefined) return { heldBy };
      if (!isWritable()) return undefined;
      return attempt(() => tryLock({ path: path(), now, endsAt }), "lock the cache")?.result;
    },
  };
}

/** A line with the checksum, then the entry as JSON: damage anywhere shows. */
function encodeEntry(entry: StoredEntry): string {
  const body = JSON.stringify(entry);
  return `${checksum(body)}\n${body}`;
}

/** The entry, or undefined when the text is anything but what `encodeEntry` wrote. */
export function decodeEntry(text: string): StoredEntry | undefined {
  const end = text.indexOf("\n");
  const body = text.slice(end + 1);
  if (end < 0 || text.slice(0, end) !== checksum(body)) return undefined;
  try {
    return JSON.parse(body) as StoredEntry;
  } catch {
    return undefined;
  }
}
