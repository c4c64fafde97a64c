import { runtimeSha256 } from "#runtimeDigest";
import { utf8 } from "./utf8.ts";

/** SHA-256 in lower-case hex. */
export function sha256Hex(text: string): string {
  return runtimeSha256(text);
}

/** HMAC-SHA256 in lower-case hex. */
export function hmacSha256Hex(key: string, text: string): string {
  return runtimeSha256(text, key);
}

/** 2^61 - 1 */
const PRIME = 0x1fffffffffffffffn;

/** Bytes that are taken as one number at a time: a BigInt has its bounds. */
const SLICE = 32 * 1024;

/**
 * The length of a text, and what is left of its bytes, as one number, when divided by a prime: enough to notice damage,
 * and without waiting for the thread that SHA-256 is computed on. A loop over the characters takes ten times as long
 * where nothing is compiled yet. It does not guard against forgery.
 */
export function checksum(text: string): string {
  const bytes = utf8(text);
  let rest = 0n;
  for (let start = 0; start < bytes.length; start += SLICE) {
    const slice = bytes.toString("hex", start, Math.min(start + SLICE, bytes.length));
    rest = BigInt(`0x${rest.toString(16)}${slice}`) % PRIME;
  }
  return `${text.length}-${rest.toString(16)}`;
}
