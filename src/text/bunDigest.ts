/**
 * A digest by Bun's own hasher, at once: WebCrypto hands each one to a thread, and evaluating node:crypto takes longer than a
 * cache hit. `imports` in package.json has Node.js load `nodeDigest.ts` instead.
 * @returns lower-case hex; of an HMAC where there is a key.
 */
export function runtimeSha256(text: string, key?: string): string {
  return new Bun.CryptoHasher("sha256", key).update(text).digest("hex");
}
