import { Lexer } from "yaml";
import type { TextProblem } from "./configTree.ts";

/** What the lexer puts before a document, and before the text of a plain or block scalar. */
const [DOCUMENT, SCALAR] = ["\u0002", "\u001f"];

/**
 * What the YAML library takes and the scanner of go.yaml.in/yaml/v2 (scannerc.go) does not: tabs where it wants spaces,
 * a `?`, a final `:` or a tag before a comma in brackets, the escape `\/`, pairs of `\u` escapes, and a text that ends with `\"`.
 * @param text without a mistake in the eyes of the library.
 * @returns the first such place in the first document.
 */
export function findYaml12(text: string): TextProblem | undefined {
  const place: Place = { brackets: 0, keyAllowed: true, last: "", header: "" };
  let [line, documents, isScalar] = [1, 0, false];
  for (const token of new Lexer().lex(text)) {
    if (token === DOCUMENT && ++documents > 1) return undefined;
    if (token === DOCUMENT || token === SCALAR) {
      isScalar = token === SCALAR;
      continue;
    }
    const message = isScalar ? scalarMistake(token, place) : tokenMistake(token, place);
    if (message !== undefined) return { line, message };
    line += token.split("\n").length - 1;
    isScalar = false;
  }
  return undefined;
}

/** What the scanner remembers of the tokens before. */
interface Place {
  /** How many are open. */
  brackets: number;
  /** Whether a key may begin: on a new line, and after `-` and `?`. No tab may come before it. */
  keyAllowed: boolean;
  /** What the token before was, if the next one follows without a blank; `key:` is a colon right after a text. */
  last: "" | "text" | "key:" | "tag";
  /** Of the block scalar that follows. */
  header: string;
}

const TAB = "has a tab where the kubelet's YAML needs spaces";

function tokenMistake(token: string, place: Place): string | undefined {
  const { keyAllowed, last, brackets } = place;
  place.last = token.startsWith("!") ? "tag" : token === ":" && last === "text" ? "key:" : "";
  if (/^[ \t]+$/.test(token)) return token.includes("\t") && keyAllowed && brackets === 0 ? TAB : undefined;
  place.keyAllowed = /^(\r?\n|-|\?)$/.test(token);
  if (/^[|>]/.test(token)) place.header = token;
  if (token === "[" || token === "{") place.brackets++;
  if (token === "]" || token === "}") place.brackets--;
  if (token.startsWith('"')) return quotedMistake(token);
  if (brackets === 0 || !/^[[\]{},]$/.test(token)) return undefined;
  if (last === "tag") return "has a tag in brackets without a space after it: remove the tag";
  return last === "key:"
    ? "has a colon in brackets without a space after it: write the space, or put the text in quotes"
    : undefined;
}

function quotedMistake(token: string): string | undefined {
  if (!/^"[^"\\]*(?:\\.[^"\\]*)*"$/s.test(token)) {
    return 'has a text that ends with \\": there the quote is a part of the text';
  }
  const escapes = [...token.matchAll(/\\(u[\da-fA-F]{4}|U[\da-fA-F]{8}|.)/gs)].map(([, sign = ""]) => sign);
  if (escapes.includes("/")) return 'has "\\/", which the kubelet\'s YAML does not know: write "/"';
  return escapes.some((sign) => /^(u|U0000)[dD][89a-fA-F]/.test(sign))
    ? "has half a pair of \\u escapes, which the kubelet's YAML does not take: write the character itself"
    : undefined;
}

function scalarMistake(text: string, place: Place): string | undefined {
  const { header } = place;
  // The lexer puts an empty one before a comma that nothing else precedes.
  if (text === "" && header === "") return undefined;
  Object.assign(place, { keyAllowed: false, last: "text", header: "" } satisfies Partial<Place>);
  if (header !== "") return startsWithTab(text, header) ? TAB : undefined;
  return place.brackets > 0 && /^:|\?/.test(text)
    ? "has a ? or : in brackets that belongs to a text: put the text in quotes"
    : undefined;
}

/** Whether a tab helps to indent the first line of a block scalar, which says how far all are indented. */
function startsWithTab(text: string, header: string): boolean {
  return !/[1-9]/.test(header) && /^(?: *\r?\n)* *\t/.test(text);
}
