/** SHA-256 in lower-case hex. WebCrypto, because evaluating node:crypto costs a third of a cache hit. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("hex");
}

/**
 * Length and FNV-1a hash (32 bits) of a text: enough to notice damage, and without waiting for the thread that SHA-256
 * is computed on. It does not guard against forgery.
 */
export function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return `${text.length}-${(hash >>> 0).toString(16)}`;
}
