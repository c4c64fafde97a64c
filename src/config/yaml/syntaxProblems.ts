import type { Problem } from "../problem.ts";
import type { SyntaxMistake, YamlDocument } from "./yamlDocument.ts";

/** A parser lost its way after a few mistakes: what it says later helps no one. */
const MAX_MISTAKES = 3;
/** A mistake further on may be the one that is understood, but not the thousandth. */
const MAX_LOOKED_AT = 50;
/** No line of a config that someone can read is longer; patterns are tried on this much of it. */
const MAX_LINE = 10_000;

/**
 * YAML mistakes in words that name the line and show the right form where the mistake is a known one: values that
 * were listed after a comma, slipped indentation, a missing space after a colon, an unquoted `*`.
 * @param firstLine the line of the file before the text's first one, for a text inside another.
 */
export function syntaxProblems(document: Pick<YamlDocument, "text" | "mistakes">, firstLine = 0): Problem[] {
  const lines = document.text.split(/\r?\n/).map((line) => line.slice(0, MAX_LINE));
  const known = new Map<number, Problem>();
  const unknown = new Map<number, Problem>();
  for (const mistake of document.mistakes.slice(0, MAX_LOOKED_AT)) {
    const words = inWords(mistake, lines, firstLine);
    const { line, message } = words ?? { line: mistake.line, message: plain(mistake) };
    const problems = words === undefined ? unknown : known;
    if (!problems.has(line)) problems.set(line, { path: "", line: line + firstLine, message });
  }
  // Where one is understood, the others are what the parser made of it.
  return [...(known.size > 0 ? known : unknown).values()].slice(0, MAX_MISTAKES);
}

interface Words {
  readonly line: number;
  readonly message: string;
}

function inWords(mistake: SyntaxMistake, lines: readonly string[], firstLine: number): Words | undefined {
  const { line } = mistake;
  const text = lines[line - 1] ?? "";
  if (mistake.code === "DUPLICATE_KEY") {
    const key = /^["']?([^"':]+)/.exec(text.slice(mistake.column))?.[1] ?? "";
    return {
      line,
      message: `the key ${key.trim()} appears here a second time in the same mapping: keep one`,
    };
  }
  if (mistake.code === "MULTIPLE_DOCS") {
    return { line, message: "a second YAML document begins here: a config file holds one" };
  }
  if (mistake.code === "TAB_AS_INDENT") {
    return { line, message: "is indented with a tab: YAML needs spaces" };
  }
  return (
    commaList(line, text) ??
    missingSpace(line, lines) ??
    unquotedStar(mistake, text) ??
    slippedIndentation(line, lines, firstLine)
  );
}

/** `domains: "xxx.com","yyy.com"`, as a sample of the product documentation has it. */
function commaList(line: number, text: string) {
  const match = /^([\s-]*)(\w[\w-]*):\s*((["'])[^"']*\4(?:\s*,\s*(["'])[^"']*\5)+)\s*(#.*)?$/.exec(text);
  if (match === null) return undefined;
  const [, , key = "", list = ""] = match;
  if (/secret|token|key/i.test(key))
    return { line, message: `YAML cannot hold several quoted values after "${key}:"` };
  const items = list.split(",").map((item) => item.trim().replace(/^["']|["']$/g, ""));
  return {
    line,
    message: `YAML cannot hold several quoted values after "${key}:"; write one string, ${key}: "${items.join(",")}", or a list, ${key}: [${items.join(", ")}]`,
  };
}

/** `regionId:cn-hangzhou`; the parser may have noticed a line later or earlier. */
function missingSpace(line: number, lines: readonly string[]) {
  for (const near of [line, line - 1]) {
    const match = /^([\s-]*)([A-Za-z][\w-]*):([^\s:/][^:]*)$/.exec(lines[near - 1] ?? "");
    if (match !== null) {
      return { line: near, message: `a space is missing after the colon: write "${match[2]}: …"` };
    }
  }
  return undefined;
}

function unquotedStar(mistake: SyntaxMistake, text: string) {
  if (text[mistake.column] !== "*" && !(mistake.code === "UNPARSABLE" && /[:,[-]\s*\*/.test(text)))
    return undefined;
  return { line: mistake.line, message: 'a * begins a YAML alias: write "*" in quotes' };
}

function slippedIndentation(line: number, lines: readonly string[], firstLine: number) {
  const slip = findIndentationSlip(lines, firstLine);
  return slip !== undefined && Math.abs(slip.line - line) <= 2 ? slip : undefined;
}

/** By the parser's kinds of mistakes: its own words quote the file, which may hold a secret. */
const kinds: Readonly<Record<string, string>> = {
  ALIAS_PROPS: "an alias (*) has a tag or an anchor",
  BAD_ALIAS: "an alias (*) has no name, or a wrong one",
  BAD_DIRECTIVE: "a line that begins with % is a directive, and this one is unknown",
  BAD_DQ_ESCAPE: "a backslash in double quotes begins an escape that does not exist",
  BAD_INDENT: "a line is not indented like its neighbors",
  BAD_PROP_ORDER: "an anchor (&) or a tag (!) stands in the wrong place",
  BAD_SCALAR_START: "a value begins with a character that YAML keeps for itself: write it in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    "a key stands where only a value can: write each key on a line of its own, and a value with a colon in quotes",
  BLOCK_IN_FLOW: "a block stands within brackets",
  IMPOSSIBLE: "the parser lost its way",
  KEY_OVER_1024_CHARS: "a key is longer than 1024 characters",
  MISSING_CHAR: "a quote, a bracket or a comma is missing",
  MULTILINE_IMPLICIT_KEY: "a key goes over more than one line",
  MULTIPLE_ANCHORS: "a value has more than one anchor (&)",
  MULTIPLE_TAGS: "a value has more than one tag (!)",
  NON_STRING_KEY: "a key is not a text",
  TAG_RESOLVE_FAILED: "a value begins with !, which makes it a tag: write it in quotes",
  UNEXPECTED_TOKEN:
    "something stands where nothing can: often a quote is missing, or a value that begins with | or > has more behind it",
  NESTED_TOO_DEEPLY: "it is nested too deeply",
  TOO_MANY_ALIASES: "its aliases (*) multiply what they stand for too often",
  UNPARSABLE: "an alias (*) leads nowhere",
};

function plain({ code }: SyntaxMistake): string {
  return `is not valid YAML: ${kinds[code] ?? "the parser cannot read this line"}`;
}

/** A line in a column where YAML cannot take it, and the form that it was most likely meant to have. */
interface IndentationSlip {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

interface Level {
  /** Where keys of this level begin, behind the dashes. */
  readonly column: number;
  readonly line: number;
  readonly key: string;
  /** Whether a value is on the key's own line: then nothing can be nested below it. */
  readonly hasValue: boolean;
}

/**
 * The first `key:` line of a block-style text that is indented like none of the keys around it: deeper than a key
 * that has its value already, or between two levels. A reading of lines, good enough to explain what the parser
 * has refused; not a parser.
 * @param firstLine the line of the file before the text's first one, for line numbers in the message.
 */
function findIndentationSlip(lines: readonly string[], firstLine = 0): IndentationSlip | undefined {
  const levels: Level[] = [];
  let blockIndent: number | undefined;
  for (const [index, text] of lines.entries()) {
    const key = keyLine(text);
    const indent = text.search(/\S/);
    if (indent < 0 || text.trimStart().startsWith("#")) continue;
    if (blockIndent !== undefined) {
      if (indent > blockIndent) continue;
      blockIndent = undefined;
    }
    if (key === undefined) continue;
    const misplaced = place(levels, { ...key, line: index + 1 + firstLine });
    if (misplaced !== undefined) return { line: index + 1, message: slipped(misplaced.key, misplaced.above) };
    if (key.opensBlock) blockIndent = indent;
  }
  return undefined;
}

/** Puts the key among the open levels; what it returns fits none. */
function place(
  levels: Level[],
  key: Level & { startsItem: boolean },
): { key: Level; above: Level } | undefined {
  const above = levels.at(-1);
  while (levels.length > 0 && (levels.at(-1) as Level).column > key.column) levels.pop();
  const level = levels.at(-1);
  if (level?.column === key.column) {
    levels.pop();
  } else if (above !== undefined && !key.startsItem && (level !== above || above.hasValue)) {
    return { key, above };
  }
  levels.push(key);
  return undefined;
}

function slipped(key: Level, above: Level): string {
  const columns = Math.abs(key.column - above.column);
  const side = key.column > above.column ? "right" : "left";
  const where = `${columns} column${columns === 1 ? "" : "s"} to the ${side} of`;
  const meant = JSON.stringify(`${" ".repeat(above.column)}${key.key}: …`);
  return (
    `"${key.key}" is ${where} "${above.key}" on line ${above.line}: ` +
    `keys of one level begin in the same column, write ${meant}`
  );
}

function keyLine(text: string) {
  const match = /^(\s*(?:- +)*)(["']?)([A-Za-z_][\w.\-/ ]*)\2:(?:\s+(.*))?$/.exec(text);
  if (match === null) return undefined;
  const [, lead = "", , key = "", rest = ""] = match;
  const value = rest.replace(/(^|\s)#.*$/, "").trim();
  const opensBlock = /^[|>][0-9+-]*$/.test(value);
  return { column: lead.length, key, startsItem: lead.includes("-"), opensBlock, hasValue: value !== "" };
}
