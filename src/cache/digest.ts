/** SHA-256 in lower-case hex. WebCrypto, because evaluating node:crypto costs a third of a cache hit. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("hex");
}
