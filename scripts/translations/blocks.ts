import { lexer, type Token, type Tokens } from "marked";

/** A heading, a paragraph, an item of a list, a row of a table, a code block or a comment of a document. */
export interface Block {
  /** `heading 2`, `paragraph`, `item 1` (how deep), `row of 3`, `code sh`, `comment`. */
  readonly kind: string;
  /** As a reader sees it; a code span of a text is one letter, code and comments are whole. */
  readonly text: string;
  /** The code spans of a text. */
  readonly code: readonly string[];
  /** Where its links and pictures lead. */
  readonly links: readonly string[];
}

/** What stands for a code span in the text of a block. */
export const CODE = "X";

/** The blocks of a Markdown document, in order. @throws where it has something that no document here has. */
export function blocksOf(markdown: string): Block[] {
  return lexer(markdown).flatMap((token) => blocksIn(token, 0));
}

function blocksIn(token: Token, depth: number): Block[] {
  switch (token.type) {
    case "space":
      return [];
    case "heading":
      return [block(`heading ${token.depth}`, token.tokens)];
    case "paragraph":
    case "text":
      return [block(depth === 0 ? "paragraph" : `item ${depth}`, token.tokens)];
    case "code":
      return [{ kind: `code ${token.lang ?? ""}`, text: token.text, code: [], links: [] }];
    case "html":
      return [{ kind: "comment", text: token.raw.trim(), code: [], links: [] }];
    case "list":
      return (token as Tokens.List).items.flatMap((item) =>
        item.tokens.flatMap((inner) => blocksIn(inner, depth + 1)),
      );
    case "table": {
      const { header, rows } = token as Tokens.Table;
      return [header, ...rows].flatMap((row) =>
        row.map((cell) => block(`cell of ${row.length} in a row`, cell.tokens)),
      );
    }
    default:
      throw new Error(`compare documents: a ${token.type} is not known: ${token.raw}`);
  }
}

function block(kind: string, tokens: readonly Token[] | undefined): Block {
  const code: string[] = [];
  const links: string[] = [];
  const textOf = (inner: readonly Token[] = []): string =>
    inner
      .map((token) => {
        if (token.type === "codespan") {
          code.push(token.text);
          return CODE;
        }
        if (token.type === "link" || token.type === "image") links.push(token.href);
        return "tokens" in token && token.tokens ? textOf(token.tokens) : "text" in token ? token.text : "";
      })
      .join("");
  return { kind, text: textOf(tokens), code, links };
}
