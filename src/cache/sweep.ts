import { statSync } from "node:fs";
import { utf8 } from "../text/utf8.ts";
import { type EntryKind, entryKinds } from "./cache.ts";
import { removeFile } from "./files.ts";

export const TEMPORARY = ".tmp";
export const LOCK = ".lock";
const ENTRY = ".json";

/** The forms of the names that this program gives: an entry, its lock, and what becomes one of them. */
const form = `^(?:${entryKinds.join("|")})-([A-Za-z0-9_-]+)\\.json(?:\\.lock)?(?:\\.(?:[0-9]+\\.[0-9a-f-]{36}|takeover)\\.tmp)?$`;
/** Made once, by a process that writes: a cache hit looks at no names. */
let pattern: RegExp | undefined;

/**
 * Whether this program gave the file its name: it has the form, and what stands for the key is one in base64url, or a
 * digest. `token-webhook.json` of others is not ours. Nothing else is ever deleted.
 */
export function isOurs(name: string): boolean {
  pattern ??= new RegExp(form);
  const key = pattern.exec(name)?.[1];
  return key !== undefined && (/^[0-9a-f]{64}$/.test(key) || isTextInBase64url(key));
}

/** Bytes that are not UTF-8, and letters that no encoder writes, come back as others. */
function isTextInBase64url(name: string): boolean {
  const bytes = Buffer.allocUnsafe(name.length);
  const text = bytes.toString("utf8", 0, bytes.write(name, "base64url"));
  return text !== "" && utf8(text).toString("base64url") === name;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** When an entry is surely over (ms after it was written): the longest that anything of its kind is kept, and more. */
const entryIsOverAfter: Readonly<Record<EntryKind, number>> = {
  failure: 2 * MINUTE_MS,
  metadata: 2 * MINUTE_MS,
  endpoint: DAY_MS,
  token: 3 * DAY_MS,
  session: 3 * DAY_MS,
  domains: 8 * DAY_MS,
  instance: 8 * DAY_MS,
  region: 8 * DAY_MS,
  config: 2 * DAY_MS,
};
/** No run lasts a minute; the lock of a dead one is normally taken over long before. */
const LOCK_IS_OVER_AFTER_MS = 2 * MINUTE_MS;

/**
 * How many entries of a kind are kept. Whoever may create pods can ask for any host, so that no kind may displace another:
 * a token costs more than what is remembered of hosts. A kubelet runs some hundred pods, whose service accounts may each
 * be an identity of its own.
 */
const mostEntries: Readonly<Record<EntryKind, number>> = {
  token: 600,
  session: 600,
  domains: 250,
  instance: 250,
  failure: 250,
  endpoint: 30,
  metadata: 10,
  region: 10,
  // Of a large config there is one for each host.
  config: 100,
};
/** What one process tidies at most: a directory that was filled once must not hold a pull. */
const MAX_LOOKS = 4000;

interface Kept {
  readonly path: string;
  /** ms */
  readonly age: number;
}

/**
 * Removes what is over, what killed processes left behind and, of a kind of which there is still too much, what is
 * oldest. A clock that was set back makes files of the future, which are as old.
 * @param names what the directory holds; only names of ours. `now`: epoch ms.
 */
export function sweep(directory: string, names: readonly string[], now: number): void {
  const kept = Object.fromEntries(entryKinds.map((kind) => [kind, []])) as unknown as Record<
    EntryKind,
    Kept[]
  >;
  for (const name of names.slice(0, MAX_LOOKS)) {
    const path = `${directory}/${name}`;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    const age = Math.abs(now - stats.mtimeMs);
    if (age > isOverAfter(name)) removeFile(path);
    else if (name.endsWith(ENTRY)) kept[kindOf(name)].push({ path, age });
  }
  for (const kind of entryKinds) {
    const newestFirst = kept[kind].sort((a, b) => a.age - b.age);
    for (const { path } of newestFirst.slice(mostEntries[kind])) removeFile(path);
  }
}

function isOverAfter(name: string): number {
  if (name.endsWith(TEMPORARY)) return MINUTE_MS;
  if (name.endsWith(LOCK)) return LOCK_IS_OVER_AFTER_MS;
  return entryIsOverAfter[kindOf(name)];
}

function kindOf(name: string): EntryKind {
  return name.slice(0, name.indexOf("-")) as EntryKind;
}
