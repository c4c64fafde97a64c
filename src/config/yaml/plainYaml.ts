/**
 * A reader for the YAML (and JSON) that configs are mostly written in: block mappings and lists, values on one line.
 * It exists because the real parser takes as long to load and run as all the rest of a cache hit. What it does not
 * know for certain it leaves alone: it returns undefined, and the real parser decides. Where it returns a value, the
 * real parser finds the same value and no mistake (test/config/plainYaml.test.ts holds it to that).
 */
export function readPlainYaml(text: string): unknown {
  if (text.startsWith("{")) return readJson(text);
  const lines = linesOf(text);
  if (lines === undefined) return undefined;
  try {
    const reader: Reader = { lines, next: 0 };
    const value = readBlock(reader, 0);
    return reader.next === lines.length ? value : undefined;
  } catch (error) {
    if (error instanceof NotPlain || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** JSON that says nothing twice: JSON.parse would not notice. */
function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const compact = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
    return JSON.stringify(value) === compact ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Line {
  readonly indent: number;
  /** Without indentation and trailing white space. */
  readonly text: string;
}

interface Reader {
  lines: Line[];
  next: number;
}

class NotPlain extends Error {}

const END: Line = { indent: -1, text: "" };

/** A comment that fills its line may be in any language; what else is there must be plain. */
const comment = /^ *#[^\p{Cc}\ufeff]*$/u;
const plainText = /^[\x20-\x7e]*$/;

function linesOf(text: string): Line[] | undefined {
  const lines: Line[] = [];
  for (const line of text.split("\n")) {
    if (comment.test(line)) continue;
    if (!plainText.test(line)) return undefined;
    const content = line.trim();
    if (content !== "") lines.push({ indent: line.search(/\S/), text: content });
  }
  return lines.length === 0 || lines[0]?.indent !== 0 ? undefined : lines;
}

/** A line that has been read so far, or the end. */
function peek(reader: Reader): Line {
  return reader.lines[reader.next] ?? END;
}

function readBlock(reader: Reader, indent: number): unknown {
  return peek(reader).text.startsWith("- ") ? readList(reader, indent) : readMapping(reader, indent);
}

function readMapping(reader: Reader, indent: number): Record<string, unknown> {
  const mapping: Record<string, unknown> = {};
  for (let line = peek(reader); line.indent === indent; line = peek(reader)) {
    const [, key, rest] = /^([A-Za-z][A-Za-z-]*):(?: +(.*))?$/.exec(line.text) ?? [];
    if (key === undefined || Object.hasOwn(mapping, key) || typeof plainValue(key) !== "string")
      throw new NotPlain();
    reader.next++;
    mapping[key] = isNothing(rest) ? readNested(reader, indent) : readLine(rest as string);
  }
  if (peek(reader).indent > indent) throw new NotPlain();
  return mapping;
}

/** The value below a key that has none on its own line. */
function readNested(reader: Reader, indent: number): unknown {
  const below = peek(reader);
  if (below.indent > indent) return readBlock(reader, below.indent);
  if (below.indent === indent && below.text.startsWith("- ")) return readList(reader, indent);
  return null;
}

function readList(reader: Reader, indent: number): unknown[] {
  const list: unknown[] = [];
  for (let line = peek(reader); line.indent === indent && line.text.startsWith("- "); line = peek(reader)) {
    const rest = line.text.slice(1).trimStart();
    if (/^[A-Za-z][A-Za-z-]*:( |$)/.test(rest)) {
      const inner = indent + line.text.length - rest.length;
      reader.lines[reader.next] = { indent: inner, text: rest };
      list.push(readMapping(reader, inner));
    } else {
      reader.next++;
      list.push(readLine(rest));
    }
  }
  if (peek(reader).indent > indent) throw new NotPlain();
  return list;
}

function isNothing(rest: string | undefined): boolean {
  return rest === undefined || rest === "" || rest.startsWith("#");
}

/** A value that fills the rest of a line, save for a comment. */
function readLine(text: string): unknown {
  const { value, rest } = readValue(text, /^[\w./@:+=,-]+/);
  if (rest !== "" && !/^ +#/.test(rest)) throw new NotPlain();
  return value;
}

/** One value at the start of the text, and what follows it. `plain`: which characters an unquoted one may have. */
function readValue(text: string, plain: RegExp): { value: unknown; rest: string } {
  if (text.startsWith("[")) return readFlowList(text.slice(1).trimStart());
  if (text.startsWith("{")) return readFlowMapping(text.slice(1).trimStart());
  const quoted = /^"([^"\\]*)"|^'([^']*)'(?!')/.exec(text);
  if (quoted !== null) return { value: quoted[1] ?? quoted[2], rest: text.slice(quoted[0].length) };
  const word = plain.exec(text)?.[0];
  if (word === undefined) throw new NotPlain();
  return { value: plainValue(word), rest: text.slice(word.length) };
}

const flowPlain = /^[\w./@:+=-]+/;

function readFlowList(start: string): { value: unknown[]; rest: string } {
  const value: unknown[] = [];
  let text = start;
  while (!text.startsWith("]")) {
    const item = readValue(text, flowPlain);
    value.push(item.value);
    text = afterItem(item.rest, "]");
  }
  return { value, rest: text.slice(1) };
}

function readFlowMapping(start: string): { value: Record<string, unknown>; rest: string } {
  const value: Record<string, unknown> = {};
  let text = start;
  while (!text.startsWith("}")) {
    const [lead = "", key] = /^([A-Za-z]+): +/.exec(text) ?? [];
    if (key === undefined || Object.hasOwn(value, key) || typeof plainValue(key) !== "string")
      throw new NotPlain();
    const item = readValue(text.slice(lead.length), flowPlain);
    value[key] = item.value;
    text = afterItem(item.rest, "}");
  }
  return { value, rest: text.slice(1) };
}

/** The next item of a flow list or mapping, or its end. */
function afterItem(text: string, end: string): string {
  const rest = text.trimStart();
  if (rest.startsWith(end)) return rest;
  if (!/^, *[^\s\],}]/.test(rest)) throw new NotPlain();
  return rest.slice(1).trimStart();
}

/** An unquoted value of YAML 1.2's core schema, where it is beyond doubt. */
function plainValue(word: string): unknown {
  if (word === "true" || word === "false") return word === "true";
  if (word === "null") return null;
  if (/^(0|[1-9][0-9]{0,8})$/.test(word)) return Number(word);
  const isText =
    /^[A-Za-z/][\w./@:+=,-]*$/.test(word) ||
    /^[0-9]+(ms|s|m|h|KiB|MiB|GiB)$/.test(word) ||
    /^[0-9]+(\.[0-9]+){3}(:[0-9]+)?$/.test(word);
  if (!isText || word.endsWith(":") || /^(null|true|false)$/i.test(word)) throw new NotPlain();
  return word;
}
