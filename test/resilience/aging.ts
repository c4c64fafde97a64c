import { readdirSync, readFileSync } from "node:fs";
import type { RegistryToken } from "../../src/acr/token.ts";
import type { EntryKind } from "../../src/cache/cache.ts";
import { decodeEntry, fileCache } from "../../src/cache/fileCache.ts";

const HOUR_MS = 3_600_000;
/** What is left of everything that expires: due for renewal, still good. */
const LEFT_MS = 300_000;

/** Makes everything in the cache nearly expired: tokens and sessions with five minutes left, lookups a day old. */
export async function nearlyExpire(directory: string): Promise<void> {
  for (const name of readdirSync(directory).filter((file) => file.endsWith(".json"))) {
    const entry = decodeEntry(readFileSync(`${directory}/${name}`, "utf8"));
    if (entry === undefined) throw new Error(`${name} is damaged`);
    await ages[entry.kind]?.(directory, entry.key, entry.value);
  }
}

type Age = (directory: string, key: string, value: unknown) => Promise<void>;

const ages: Partial<Record<EntryKind, Age>> = {
  token: (directory, key, value) => {
    const expiresAt = Date.now() + LEFT_MS;
    const token = { ...(value as RegistryToken), jitter: 0, issuedAt: Date.now() - HOUR_MS, expiresAt };
    return write(directory, "token", key, token, HOUR_MS, expiresAt);
  },
  session: (directory, key, value) => {
    const expiresAt = Date.now() + LEFT_MS;
    return write(directory, "session", key, { ...(value as object), expiresAt }, HOUR_MS, expiresAt);
  },
  instance: (directory, key, value) => aged(directory, "instance", key, value),
  domains: (directory, key, value) => aged(directory, "domains", key, value),
};

function aged(directory: string, kind: EntryKind, key: string, value: unknown): Promise<void> {
  return write(directory, kind, key, value, 25 * HOUR_MS, Date.now() + 24 * HOUR_MS);
}

function write(
  directory: string,
  kind: EntryKind,
  key: string,
  value: unknown,
  ageMs: number,
  expiresAt: number,
): Promise<void> {
  const warn = (message: string) => {
    throw new Error(message);
  };
  return fileCache({ directory, now: () => Date.now() - ageMs, warn }).put(kind, key, value, expiresAt);
}
