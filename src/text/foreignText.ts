/** Of a text that someone else wrote no more than this (characters) is looked at: every message ends far before. */
const MAX_LENGTH = 64 * 1024;

/**
 * The beginning of somebody else's text, before any pattern sees it. It ends with a whole word, so that no part of a
 * secret is left over that no one would recognise.
 */
export function bounded(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  const start = text.slice(0, MAX_LENGTH);
  const end = Math.max(start.lastIndexOf(" "), start.lastIndexOf("\n"));
  return end < 0 ? start : start.slice(0, end);
}

/** Control characters and runs of white space become one space. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
}

/** The text with at most so many characters; a longer one ends with an ellipsis. */
export function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

/** Somebody else's value in a message: in quotes, short, on one line, without the user and password of a URL. */
export function quoted(value: string): string {
  // What is cut off behind the @ would no longer show that this is a password.
  const known = value.replace(/\/\/[^/\s@]+@/, "//***@");
  const short = known.length > 80 ? `${known.slice(0, 77)}...` : known;
  return JSON.stringify(short);
}

/** Whether it is printable ASCII, and something at all: what becomes a header must be no less. */
export function isPrintable(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}
