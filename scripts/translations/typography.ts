const RULES = [
  ["no space between Chinese and Latin text", /\p{sc=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{sc=Han}/u],
  ["half-width punctuation in Chinese text", /\p{sc=Han} ?[,;:!?.()]|[,;:!?()] ?\p{sc=Han}/u],
  ["a space beside full-width punctuation", / [，。；：！？（）、]|[，。；：！？（）、] /u],
  ["bold text that is not shown as such", /\*\*/],
  ["a line break, which is shown as a space", /\n/],
] as const;

/** What Chinese readers would see as a mistake of typesetting in this text, each with its place. */
export function typographyMistakes(text: string): string[] {
  return RULES.flatMap(([mistake, form]) => {
    const found = form.exec(text);
    return found === null
      ? []
      : [`${mistake}: "${text.slice(Math.max(0, found.index - 10), found.index + 10)}"`];
  });
}
