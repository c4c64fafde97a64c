/** A digest on Node.js; `imports` in package.json has Bun load `bunDigest.ts` instead. A cache hit needs none, so it loads late. */
export function runtimeSha256(text: string, key?: string): string {
  const { createHash, createHmac } = process.getBuiltinModule("node:crypto");
  const hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
  return hash.update(text).digest("hex");
}
