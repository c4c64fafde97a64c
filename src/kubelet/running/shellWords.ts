/** A word of a line, and where it stands in it. */
export interface Word {
  /** Quotes and backslashes taken off. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const wordPattern = /(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s"'\\])+/gs;
const partPattern = /"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|\\(.)/gs;

/**
 * The words of a line as systemd splits a command line, or a variable that stands in one as a word of its own: at white
 * space, with quotes around a word or a part of it (systemd.service(5), "Command lines").
 * Undefined where a quote is not closed.
 */
export function wordsOf(line: string): readonly Word[] | undefined {
  const matches = [...line.matchAll(wordPattern)];
  const left = matches.reduce((rest, { 0: word }) => rest.replace(word, ""), line);
  if (left.trim() !== "") return undefined;
  return matches.map(({ 0: word, index }) => ({
    text: word.replace(partPattern, (_, double?: string, single?: string, escaped?: string) =>
      escaped === undefined ? (double ?? single ?? "").replace(/\\(.)/gs, "$1") : escaped,
    ),
    start: index,
    end: index + word.length,
  }));
}

/** The same without their places; none where a quote is not closed. */
export function shellWords(line: string): string[] {
  return (wordsOf(line) ?? []).map(({ text }) => text);
}
