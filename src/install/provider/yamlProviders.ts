import { type CST, type Document, parseDocument, type YAMLSeq } from "yaml";
import { entryLines, listIn, namesIn, type OwnProvider, PROVIDER_NAME, sayTheSame } from "./providerEntry.ts";

/**
 * A `CredentialProviderConfig` in YAML with our provider in it, in the place of the one of its name, else as the last;
 * `own` undefined: without it. Every other byte stays, where the providers stand in lines of their own; a list in
 * brackets is written anew, with its comments.
 * @throws Error when the text cannot be changed without changing what it says of others.
 */
export function changeYaml(text: string, own: OwnProvider | undefined): string {
  const wanted = changedValue(parseDocument(text).toJS(), own);
  for (const change of [changeLines, changeDocument]) {
    const changed = change(text, own);
    if (changed !== undefined && isWanted(changed, wanted)) return changed;
  }
  throw new Error("its list of providers is written in a way that cannot be changed safely");
}

function isWanted(text: string, wanted: unknown): boolean {
  const document = parseDocument(text);
  return document.errors.length === 0 && sayTheSame(document.toJS(), wanted);
}

/** The value with our provider in it, or without. */
export function changedValue(config: unknown, own: OwnProvider | undefined): Record<string, unknown> {
  const { providers, ...rest } = (config ?? {}) as Record<string, unknown>;
  const list: { name?: unknown }[] = Array.isArray(providers) ? [...providers] : [];
  const index = list.findIndex(({ name }) => name === PROVIDER_NAME);
  if (own === undefined) list.splice(index, index < 0 ? 0 : 1);
  else if (index < 0) list.push(own.entry);
  else list[index] = own.entry;
  return { ...rest, providers: list };
}

/** Lines cut out or put in; undefined where the providers do not stand in lines of their own. */
function changeLines(text: string, own: OwnProvider | undefined): string | undefined {
  const list = listIn(parseDocument(text, { keepSourceTokens: true }));
  const token = list?.srcToken;
  if (list === undefined || token?.type !== "block-seq") return undefined;
  const lines = text.split("\n");
  const spans = spansOf(text, lines, list, token);
  const last = spans?.at(-1);
  if (spans === undefined || last === undefined) return undefined;
  const mine = spans[namesIn(list).indexOf(PROVIDER_NAME)];
  const span = mine ?? { ...last, first: last.end };
  const inserted = own === undefined ? [] : indented(own, " ".repeat(span.column), text.includes("\r\n"));
  return [...lines.slice(0, span.first), ...inserted, ...lines.slice(span.end)].join("\n");
}

interface Span {
  /** Indices of lines: of the first one, and behind the last one. */
  readonly first: number;
  readonly end: number;
  /** Of its dash. */
  readonly column: number;
}

function spansOf(text: string, lines: string[], list: YAMLSeq, token: CST.BlockSequence): Span[] | undefined {
  const dashes = token.items.map(({ start }) => start.find(({ type }) => type === "seq-item-ind")?.offset);
  const starts = dashes.map((offset) => (offset === undefined ? undefined : placeOf(text, offset)));
  const end = placeOf(text, list.range?.[1] ?? text.length);
  const afterList = end.column === 0 ? end.line : end.line + 1;
  const spans = starts.map((start, index) => {
    if (start === undefined || lines[start.line]?.slice(0, start.column).trim() !== "") return undefined;
    const behind = starts[index + 1]?.line ?? afterList;
    return { first: start.line, end: withoutTail(lines, start, behind), column: start.column };
  });
  return spans.every((span) => span !== undefined) ? (spans as Span[]) : undefined;
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length - 1, column: before.at(-1)?.length ?? 0 };
}

/** Empty lines, and comments that are not indented further than the dash, belong to what follows. */
function withoutTail(lines: readonly string[], start: { line: number; column: number }, end: number): number {
  let behind = end;
  for (; behind > start.line + 1; behind--) {
    const line = lines[behind - 1] ?? "";
    const isForeignComment = line.trimStart().startsWith("#") && line.search(/\S/) <= start.column;
    if (line.trim() !== "" && !isForeignComment) break;
  }
  return behind;
}

function indented({ text }: OwnProvider, indentation: string, hasCarriageReturns: boolean): string[] {
  const lines = entryLines(text).map((line, index) => `${indentation}${index === 0 ? "- " : "  "}${line}`);
  return hasCarriageReturns ? lines.map((line) => `${line}\r`) : lines;
}

/** The same by the parser's own writer, for a list in brackets or none at all. */
function changeDocument(text: string, own: OwnProvider | undefined): string {
  const document: Document = parseDocument(text);
  const list = listIn(document);
  const index = list === undefined ? -1 : namesIn(list).indexOf(PROVIDER_NAME);
  if (own === undefined) document.deleteIn(["providers", index]);
  else if (list === undefined) document.set("providers", document.createNode([own.entry]));
  else if (index < 0) list.add(document.createNode(own.entry));
  else list.set(index, document.createNode(own.entry));
  return document.toString({ lineWidth: 0 });
}
