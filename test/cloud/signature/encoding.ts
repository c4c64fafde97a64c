/** Percent-encoding of Alibaba Cloud's signatures: only `A-Z a-z 0-9 - _ . ~` stay (facts 8.1). */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Decodes a query or form; throws `URIError` on a broken escape. `+` is a space, as the gateway reads it. */
export function decodePairs(raw: string): [name: string, value: string][] {
  return raw
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=");
      return [decode(at < 0 ? pair : pair.slice(0, at)), at < 0 ? "" : decode(pair.slice(at + 1))];
    });
}

/** Sorted by name, strictly re-encoded, joined by `&`; an empty value gives `name=`. */
export function canonicalPairs(pairs: [name: string, value: string][]): string {
  return pairs
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
