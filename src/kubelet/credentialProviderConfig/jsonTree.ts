import { type ConfigEntry, type ConfigTree, MAX_DEPTH, type ReadText } from "./configTree.ts";

/**
 * Reads JSON by the grammar of RFC 8259, as Go's encoding/json does. JSON.parse would neither keep repeated keys nor
 * say where anything is.
 */
export function readJson(text: string): ReadText {
  const reader: Reader = { text, offset: 0, line: 1 };
  try {
    const tree = readValue(reader, nextToken(reader), 0);
    const rest = nextToken(reader);
    if (rest.text !== "") throw new NotJson("something follows the closing }", rest.line);
    return { tree, remarks: [] };
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const { message, line } = error;
    return { problems: [{ line, message: `is not valid JSON, which its first { promises: ${message}` }] };
  }
}

class NotJson extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

interface Reader {
  readonly text: string;
  offset: number;
  line: number;
}

interface Token {
  /** "" is the end. */
  readonly text: string;
  readonly line: number;
}

const blank = /[ \t\r\n]*/y;
const token =
  /[{}[\]:,]|true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|"[^"\\]*(?:\\.[^"\\]*)*"/sy;

function nextToken(reader: Reader): Token {
  const space = match(blank, reader);
  reader.line += space.split("\n").length - 1;
  const text = match(token, reader);
  if (text === "" && reader.offset < reader.text.length) throw new NotJson(oddity(reader), reader.line);
  return { text, line: reader.line };
}

function match(form: RegExp, reader: Reader): string {
  form.lastIndex = reader.offset;
  const [found] = form.exec(reader.text) ?? [""];
  reader.offset += found.length;
  return found;
}

/** In words, without the piece of the file: it may be a secret. */
function oddity({ text, offset }: Reader): string {
  const next = text[offset];
  if (next === '"') return "a text does not end";
  if (next === "#" || next === "/") return "JSON has no comments";
  return "a word is not in quotes, or there is a sign that JSON does not have";
}

function readValue(reader: Reader, { text, line }: Token, depth: number): ConfigTree {
  if (depth > MAX_DEPTH) throw new NotJson("it is nested more deeply than any config of the kubelet", line);
  if (text === "{") return { kind: "object", entries: readEntries(reader, depth), line };
  if (text === "[") return { kind: "list", items: readItems(reader, depth), line };
  if (text.startsWith('"')) return { kind: "text", text: textOf(text, line), line };
  if (text === "true" || text === "false") return { kind: "boolean", value: text === "true", line };
  if (text === "null") return { kind: "null", line };
  if (/\d$/.test(text)) return { kind: "number", line };
  throw new NotJson(text === "" ? "it ends too early" : `a value is missing before ${text}`, line);
}

function readEntries(reader: Reader, depth: number): ConfigEntry[] {
  const entries: ConfigEntry[] = [];
  let key = nextToken(reader);
  if (key.text === "}") return entries;
  for (;;) {
    if (!key.text.startsWith('"')) throw new NotJson("a key in quotes is missing", key.line);
    expect(reader, [":"]);
    const value = readValue(reader, nextToken(reader), depth + 1);
    entries.push({ key: textOf(key.text, key.line), line: key.line, value });
    if (expect(reader, [",", "}"]) === "}") return entries;
    key = nextToken(reader);
  }
}

function readItems(reader: Reader, depth: number): ConfigTree[] {
  const items: ConfigTree[] = [];
  let first = nextToken(reader);
  if (first.text === "]") return items;
  for (;;) {
    items.push(readValue(reader, first, depth + 1));
    if (expect(reader, [",", "]"]) === "]") return items;
    first = nextToken(reader);
  }
}

function textOf(token: string, line: number): string {
  try {
    // Go puts a sign of replacement for half a pair.
    return (JSON.parse(token) as string).toWellFormed();
  } catch {
    throw new NotJson(
      "a text has a line break in it, or a backslash before a letter that JSON does not know",
      line,
    );
  }
}

function expect(reader: Reader, signs: readonly string[]): string {
  const { text, line } = nextToken(reader);
  if (!signs.includes(text)) throw new NotJson(`${signs.join(" or ")} is missing`, line);
  return text;
}
