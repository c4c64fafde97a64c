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

/** The line without the words at these places, and without the white space before each. */
export function withoutWords(line: string, words: readonly Word[]): string {
  return [...words]
    .sort((one, other) => other.start - one.start)
    .reduce((rest, { start, end }) => rest.slice(0, start).trimEnd() + rest.slice(end), line)
    .trim();
}

/** The places of these very words, each once; undefined where one of them is missing. */
export function placesOf(line: string, texts: readonly string[]): readonly Word[] | undefined {
  const words = wordsOf(line);
  const places = texts.map((text) => words?.findLast((word) => word.text === text));
  return places.every((place) => place !== undefined) ? (places as Word[]) : undefined;
}
