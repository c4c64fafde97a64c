/** A line that stands in no column where YAML could take it, and the form it was most likely meant to have. */
export interface IndentationSlip {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

interface Level {
  /** Where keys of this level begin, behind the dashes. */
  readonly column: number;
  readonly line: number;
  readonly key: string;
  /** Whether a value stands on the key's own line: then nothing can be nested below it. */
  readonly hasValue: boolean;
}

/**
 * The first `key:` line of a block-style text that is indented like none of the keys around it: deeper than a key
 * that has its value already, or between two levels. A reading of lines, good enough to explain what the parser
 * has refused; not a parser.
 * @param firstLine the line of the file before the text's first one, for line numbers in the message.
 */
export function findIndentationSlip(lines: readonly string[], firstLine = 0): IndentationSlip | undefined {
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
  const where = `${columns} column${columns === 1 ? "" : "s"} further ${key.column > above.column ? "right" : "left"}`;
  const meant = JSON.stringify(`${" ".repeat(above.column)}${key.key}: …`);
  return (
    `"${key.key}" stands ${where} than "${above.key}" of line ${above.line}: ` +
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
