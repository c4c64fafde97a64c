import { Composer, type Document, LineCounter, Parser } from "yaml";
import { syntaxProblems } from "../../config/yaml/syntaxProblems.ts";
import type { ReadText, TextProblem } from "./configTree.ts";
import { findYaml12 } from "./yaml11.ts";
import { Refused, treeOf } from "./yamlNodes.ts";

/** Every scalar stays the text that it is: the kubelet's own rules say what it means. */
const options = {
  schema: "failsafe",
  version: "1.1",
  uniqueKeys: false,
  logLevel: "error",
  strict: false,
} as const;

/**
 * Reads YAML as go.yaml.in/yaml/v2 does in its strict mode: YAML 1.1, merge keys, the first document only (a remark
 * tells of another). A little that it takes is refused here: above all, lines in brackets or quotes that are not
 * indented further than their key.
 */
export function readYaml(given: string): ReadText {
  // In YAML 1.1 these end a line, too.
  const text = given.replace(/^\ufeff/, "").replace(/\r(?!\n)|[\u0085\u2028\u2029]/g, "\n");
  const lines = new LineCounter();
  const documents = new Composer(options).compose(new Parser(lines.addNewLine).parse(text));
  const first = documents.next().value;
  if (first === undefined) return { tree: { kind: "null", line: 1 }, remarks: [] };
  const problems = mistakesOf(first, text, lines);
  if (problems.length > 0) return { problems };
  const lineAt = (offset: number) => lines.linePos(offset).line;
  try {
    const tree = treeOf(first.contents, text, lineAt);
    const second = documents.next().value;
    if (!second?.contents) return { tree, remarks: [] };
    if (tree.kind === "null") return { problems: [FIRST_IS_EMPTY] };
    return { tree, remarks: [{ line: lineAt(second.range[0]), message: IGNORED }] };
  } catch (error) {
    if (error instanceof Refused) return { problems: [{ line: error.line, message: error.message }] };
    throw error;
  }
}

const IGNORED = "a second YAML document begins here: the kubelet reads the first one only";

const FIRST_IS_EMPTY: TextProblem = {
  line: 1,
  message: "the first YAML document is empty, and the kubelet reads no other: remove the --- that ends it",
};

function mistakesOf(document: Document.Parsed, text: string, lines: LineCounter): readonly TextProblem[] {
  const { errors, warnings, directives } = document;
  const found = [...errors, ...warnings.filter(({ code }) => code === "BAD_DIRECTIVE")];
  const mistakes = found.map(({ code, pos: [offset] }) => {
    const { line, col } = lines.linePos(offset);
    return { code, line, column: col - 1 };
  });
  const [first] = mistakes;
  if (first !== undefined) {
    const message = unfinished(found[0]?.message ?? "");
    return message === undefined ? syntaxProblems({ text, mistakes }) : [{ line: first.line, message }];
  }
  if (directives.yaml.explicit && directives.yaml.version !== "1.1") {
    return [{ line: 1, message: "asks for YAML 1.2, and the kubelet reads 1.1: remove the line with %YAML" }];
  }
  const character = /[^\t\n\r\x20-\x7e\u00a0-\ufffd\u{10000}-\u{10ffff}]/u.exec(text);
  if (character !== null) {
    return [{ line: lines.linePos(character.index).line, message: "has a control character" }];
  }
  const later = findYaml12(text);
  return later === undefined ? [] : [later];
}

/** The library wants all lines of brackets and quotes indented; the kubelet's YAML does not. */
function unfinished(message: string): string | undefined {
  const isBrackets = /^Flow .* sufficiently indented/.test(message);
  if (!isBrackets && !message.startsWith("Missing closing ")) return undefined;
  const what = isBrackets ? "a list or mapping in brackets" : "a text in quotes";
  return `${what} does not end, or goes on in a line that is not indented further than its key: indent that line`;
}
