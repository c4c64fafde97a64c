import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, Scalar } from "yaml";
import type { Path } from "../problem.ts";

/** One mistake that the YAML parser found. */
export interface SyntaxMistake {
  /** The parser's code, e.g. `BAD_INDENT`, `DUPLICATE_KEY`; its words quote the file, and stay behind. */
  readonly code: string;
  /** 1-based. */
  readonly line: number;
  /** 0-based, from the start of the line. */
  readonly column: number;
}

/** A YAML (or JSON) text, parsed. */
export interface YamlDocument {
  readonly text: string;
  /** Plain JavaScript values; undefined when there are mistakes. */
  readonly value: unknown;
  readonly mistakes: readonly SyntaxMistake[];
  /** The 1-based line where the key or item at the path stands, or the nearest one above it that exists. */
  lineOf(path: Path): number | undefined;
  /** For a literal block scalar (`key: |`): the line before its first one; its lines are then lines of this text. */
  blockStart(path: Path): number | undefined;
}

/**
 * Keys are texts: of a mapping as key (`? ? ?`) the parser would make a text, in exponential time. It also compares each
 * key with every other one, so duplicates are found here. Nothing is ever written to stderr.
 */
const strict = { stringKeys: true, uniqueKeys: false, logLevel: "error" } as const;

/** More than a config ever needs, few enough that a bomb of aliases stays small. */
const MAX_ALIASES = 100;

/** Spaces that web pages put into their samples and that YAML takes for letters; the product documents hold many. */
const oddSpaces = /[\u00a0\u2007\u202f\u3000]/g;

/** Whether the text holds, outside of comments, spaces that are read as ordinary ones. */
export function hasOddSpaces(text: string): boolean {
  return text.replace(/^[^\S\r\n\u2028\u2029]*#.*$/gm, "").search(oddSpaces) >= 0;
}

/** Parses without ever throwing; duplicate keys, tags and unknown directives are mistakes too. */
export function parseYaml(given: string): YamlDocument {
  const text = given.replace(oddSpaces, " ");
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, ...strict });
    const mistake = (code: string, offset: number): SyntaxMistake => {
      const { line, col } = lines.linePos(offset);
      return { code, line, column: col - 1 };
    };
    const mistakes = [
      ...[...document.errors, ...document.warnings].map(({ code, pos }) => mistake(code, pos[0])),
      ...repeatedKeys(document.contents).map((offset) => mistake("DUPLICATE_KEY", offset)),
    ];
    const value = mistakes.length === 0 ? document.toJS({ maxAliasCount: MAX_ALIASES }) : undefined;
    const find = (path: Path) => findNode(document.contents, path, (node) => resolveAlias(node, document));
    return {
      text,
      value,
      mistakes,
      lineOf: (path) => {
        const offset = find(path).offset;
        return offset === undefined ? undefined : lines.linePos(offset).line;
      },
      blockStart: (path) => {
        const { node, complete } = find(path);
        const literal = complete && isScalar(node) && node.type === Scalar.BLOCK_LITERAL;
        return literal && node.range ? lines.linePos(node.range[0]).line : undefined;
      },
    };
  } catch (error) {
    return unparsable(text, error);
  }
}

/** The offsets of the keys that their mapping has already. */
function repeatedKeys(node: unknown): number[] {
  if (isSeq(node)) return node.items.flatMap(repeatedKeys);
  if (!isMap(node)) return [];
  const keys = new Set<unknown>();
  return node.items.flatMap(({ key, value }) => {
    const inside = repeatedKeys(value);
    if (!isScalar(key)) return inside;
    const isRepeated = keys.has(key.value);
    keys.add(key.value);
    return isRepeated ? [key.range?.[0] ?? 0, ...inside] : inside;
  });
}

/** What the parser throws on: alias bombs, unresolved aliases, nesting beyond the stack. */
function unparsable(text: string, error: unknown): YamlDocument {
  const mistake = { code: codeOf(error as Error), line: 1, column: 0 };
  return {
    text,
    value: undefined,
    mistakes: [mistake],
    lineOf: () => undefined,
    blockStart: () => undefined,
  };
}

function codeOf(error: Error): string {
  if (error instanceof RangeError) return "NESTED_TOO_DEEPLY";
  return error.message.startsWith("Excessive alias count") ? "TOO_MANY_ALIASES" : "UNPARSABLE";
}

type Found = { node: unknown; offset?: number; complete: boolean };

function findNode(root: unknown, path: Path, resolve: (node: unknown) => unknown): Found {
  let node = root;
  let offset = (root as Node | null)?.range?.[0];
  for (const step of path) {
    const container = resolve(node);
    if (isMap(container)) {
      const pair = container.items.find(
        ({ key }) => String(isScalar(key) ? key.value : key) === String(step),
      );
      if (pair === undefined) return { node, complete: false, ...(offset === undefined ? {} : { offset }) };
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(container) && container.items[Number(step)] !== undefined) {
      node = container.items[Number(step)];
      offset = (node as Node).range?.[0] ?? offset;
    } else {
      return { node, complete: false, ...(offset === undefined ? {} : { offset }) };
    }
  }
  return { node: resolve(node), complete: true, ...(offset === undefined ? {} : { offset }) };
}

function resolveAlias(node: unknown, document: ReturnType<typeof parseDocument>): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}
