import { type Word, wordsOf } from "../../kubelet/running/shellWords.ts";

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
