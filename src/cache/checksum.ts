/**
 * Length and FNV-1a hash (32 bits) of a text: enough to notice damage, and no wait for the thread that SHA-256 is
 * computed on. Whoever could forge it may write to the private directory anyway.
 */
export function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return `${text.length}-${(hash >>> 0).toString(16)}`;
}
