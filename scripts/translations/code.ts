/** Languages in which what follows `# ` is a comment. */
const COMMENTED = ["code sh", "code yaml", "code ini"];
const COMMENT = /(?<=^|\s)# (.*)$/gm;

/**
 * A code block without what a translation may put into its own words: comments, and the labels of a drawing. All
 * else, spaces included, is left as it is.
 */
export function withoutWords(kind: string, text: string): string {
  if (COMMENTED.includes(kind)) return text.replace(COMMENT, "#");
  if (kind !== "code mermaid") return text;
  return text
    .replace(/"[^"\n]*"/g, '""')
    .replace(/-- (?!"")\S+ -->/g, "-- -->")
    .replace(/^(\s*(?:alt|else|opt|participant \w+ as)) .*$/gm, "$1")
    .replace(/^(\s*(?:Note over \w+|\w+-{1,2}>>\w+): ).*$/gm, "$1");
}

/** The comments of a code block. */
export function commentsOf(kind: string, text: string): string[] {
  return COMMENTED.includes(kind) ? [...text.matchAll(COMMENT)].map(([, comment = ""]) => comment) : [];
}
