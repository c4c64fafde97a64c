import { slug } from "github-slugger";

/** A code block of a document, and the line above it. */
export interface CodeBlock {
  readonly caption: string;
  readonly language: string;
  readonly text: string;
}

export interface Section {
  readonly title: string;
  readonly text: string;
}

/** The parts of a document below its headings of this level. */
export function sectionsOf(document: string, level: 2 | 3): Section[] {
  const mark = "#".repeat(level);
  const parts = document.split(new RegExp(`^${mark} (?=\\S)`, "m")).slice(1);
  return parts.map((part) => {
    const [title = "", ...lines] = part.split("\n");
    return { title, text: lines.join("\n") };
  });
}

export function codeBlocksOf(text: string): CodeBlock[] {
  const found = text.matchAll(/(?:^|\n)([^\n]*)\n+```(\w+)\n(.*?)\n```/gs);
  return [...found].map(([, caption = "", language = "", code = ""]) => ({ caption, language, text: code }));
}

/** The anchor that GitHub gives a heading. */
export const anchorOf = (title: string): string => slug(title);
