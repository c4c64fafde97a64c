import { readdirSync, readFileSync } from "node:fs";
import type { RegistryToken } from "../../src/acr/token.ts";
import { fileCache } from "../../src/cache/fileCache.ts";

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
  const { key, value } = JSON.parse(body) as { key: string; value: RegistryToken };
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
  await cache.put("token", key, token, token.expiresAt + keptAfterwardsMs);
}
