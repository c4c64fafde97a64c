/** Answers of the APIs are at most a handful of levels deep. */
const MAX_DEPTH = 32;

/** The JSON object in a text of others; undefined when it is none, or nested absurdly deep. */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  if (isTooDeep(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isTooDeep(text: string): boolean {
  // What opens so little cannot be deep: a loop over all characters takes long where nothing is compiled yet.
  if (text.split("{").length + text.split("[").length - 2 <= MAX_DEPTH) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === "\\") i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") {
      if (++depth > MAX_DEPTH) return true;
    } else if (character === "}" || character === "]") depth--;
  }
  return false;
}
