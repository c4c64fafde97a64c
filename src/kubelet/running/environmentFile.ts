/** One `NAME=VALUE` of an environment file, and where it stands. */
export interface Assignment {
  readonly name: string;
  /** As systemd takes it: quotes and backslashes taken off. */
  readonly value: string;
  /** Offsets: of the name, and of the end of the value's last line. */
  readonly start: number;
  readonly end: number;
}

/**
 * What an environment file assigns, in order; of several to one name the last counts. Read as systemd reads it
 * (parse_env_file_internal in its src/basic/env-file.c): `#` and `;` begin a comment at the start of a line, a value may
 * begin with parts in quotes, a backslash at the end joins lines, white space around the value is dropped.
 */
export function assignmentsIn(text: string): Assignment[] {
  const found: Assignment[] = [];
  for (let at = 0; at < text.length; ) {
    const start = skip(text, at, /[\s]/);
    if (text[start] === "#" || text[start] === ";") {
      at = endOfComment(text, start);
      continue;
    }
    const stop = skip(text, start, /[^=\r\n]/);
    if (text[stop] !== "=") {
      at = stop + 1;
      continue;
    }
    const name = text.slice(start, stop).trimEnd();
    const { value, end } = readValue(text, stop + 1);
    if (/^[A-Za-z_]\w*$/.test(name)) found.push({ name, value, start, end });
    at = end + 1;
  }
  return found;
}

/** The text with the last assignment to the name replaced, or with one more at its end where there is none. */
export function assign(text: string, name: string, value: string): string {
  const line = `${name}=${quotedValue(value)}`;
  const last = assignmentsIn(text).findLast((each) => each.name === name);
  if (last !== undefined) return text.slice(0, last.start) + line + text.slice(last.end);
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`;
}

/** In double quotes a backslash takes away the meaning of these four only (SHELL_NEED_ESCAPE in src/basic/escape.h). */
const escapable = /["\\`$]/;

function quotedValue(value: string): string {
  return value === "" ? "" : `"${value.replace(new RegExp(escapable, "g"), "\\$&")}"`;
}

function readValue(text: string, from: number): { value: string; end: number } {
  let value = "";
  let at = from;
  for (;;) {
    at = skip(text, at, /[ \t]/);
    const quote = text[at];
    if (quote !== '"' && quote !== "'") break;
    const part = readQuoted(text, at + 1, quote);
    value += part.value;
    at = part.end;
  }
  const plain = readPlain(text, at);
  return { value: value + plain.value, end: plain.end };
}

function readQuoted(text: string, from: number, quote: string): { value: string; end: number } {
  let value = "";
  let at = from;
  for (; at < text.length && text[at] !== quote; at++) {
    if (quote === "'" || text[at] !== "\\") {
      value += text[at];
      continue;
    }
    const next = text[++at] ?? "";
    if (next !== "\n") value += escapable.test(next) ? next : `\\${next}`;
  }
  return { value, end: Math.min(at + 1, text.length) };
}

/** What is not in quotes, to the end of the line; a quote in it is a character like any other. */
function readPlain(text: string, from: number): { value: string; end: number } {
  let value = "";
  let length = 0;
  let at = from;
  for (; at < text.length && !isLineEnd(text[at]); at++) {
    const isEscaped = text[at] === "\\";
    if (isEscaped) at++;
    const character = text[at] ?? "";
    if (isEscaped && isLineEnd(character)) continue;
    value += character;
    if (isEscaped || !/[ \t]/.test(character)) length = value.length;
  }
  return { value: value.slice(0, length), end: Math.min(at, text.length) };
}

function endOfComment(text: string, from: number): number {
  let at = from;
  for (; at < text.length && !isLineEnd(text[at]); at++) if (text[at] === "\\") at++;
  return at + 1;
}

function isLineEnd(character: string | undefined): boolean {
  return character === "\n" || character === "\r";
}

function skip(text: string, from: number, what: RegExp): number {
  let at = from;
  while (at < text.length && what.test(text[at] as string)) at++;
  return at;
}
