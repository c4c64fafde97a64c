import { readdirSync, readFileSync } from "node:fs";
import type { RegistryToken } from "../../src/acr/token.ts";
import type { EntrySubject } from "../../src/cache/cache.ts";
import { fileCache } from "../../src/cache/fileCache.ts";

interface StoredToken {
  readonly key: string;
  readonly value: RegistryToken;
  readonly subject?: EntrySubject;
}

/**
 * Rewrites the one token in the cache so that this much (ms) is left of it, and it is due for renewal; it is kept for
 * `keptAfterwardsMs` after its end.
 */
export async function leaveOfToken(
  cacheDirectory: string,
  remainingMs: number,
  keptAfterwardsMs = 0,
): Promise<void> {
  const names = readdirSync(cacheDirectory).filter(
    (name) => name.startsWith("token-") && name.endsWith(".json"),
  );
  if (names.length !== 1) throw new Error(`expected one token in the cache, found ${names.length}`);
  const [, body = ""] = readFileSync(`${cacheDirectory}/${names[0]}`, "utf8").split("\n");
  const { key, value, subject } = JSON.parse(body) as StoredToken;
  const now = Date.now();
  const issuedAt = now - 10 * Math.abs(remainingMs);
  const token = { ...value, jitter: 0, issuedAt, expiresAt: now + remainingMs };
  const cache = fileCache({
    directory: cacheDirectory,
    now: Date.now,
    warn: (message) => {
      throw new Error(message);
    },
  });
  await cache.put("token", key, token, token.expiresAt + keptAfterwardsMs, subject);
}

/** Makes every entry of the cache one that was written this much (ms) later, as if the clock had been set back since. */
export async function setClockBack(cacheDirectory: string, ms: number): Promise<void> {
  for (const name of readdirSync(cacheDirectory).filter((file) => file.endsWith(".json"))) {
    const [, body = ""] = readFileSync(`${cacheDirectory}/${name}`, "utf8").split("\n");
    const { kind, key, value, expiresAt, subject } = JSON.parse(body);
    const later =
      kind === "token" ? { ...value, issuedAt: value.issuedAt + ms, expiresAt: value.expiresAt + ms } : value;
    const now = () => Date.now() + ms;
    const cache = fileCache({ directory: cacheDirectory, now, warn: (message) => console.error(message) });
    await cache.put(kind, key, later, expiresAt + ms, subject);
  }
}
