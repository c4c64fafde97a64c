/** The text in UTF-8. Bun has `Buffer.from` in JavaScript: compiling that takes longer than all that a hit encodes. */
export function utf8(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
