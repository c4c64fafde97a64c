import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { slug } from "github-slugger";
import { type Block, blocksOf } from "./blocks.ts";
import { commentsOf, withoutWords } from "./code.ts";
import { isRevisionLine, languageLines, type Translation, translationsIn } from "./translation.ts";
import { typographyMistakes } from "./typography.ts";

/**
 * What keeps a translation from being the same document as its original in another language, each in one line.
 * Headings, paragraphs, items, rows and code blocks come in the same order. Each has the same code spans, the same
 * figures, and links to the same places, in the language of the page where there is such a page. Code blocks are the
 * same byte for byte, but for comments and for the words in a drawing.
 */
export function differences(folder: string, translation: Translation): string[] {
  const [originals, translated] = [translation.original, translation.page].map((file) => {
    const [title, language, ...blocks] = blocksOf(readFileSync(`${folder}${file}`, "utf8"));
    return title === undefined || language === undefined ? [] : [title, ...blocks];
  }) as [Block[], Block[]];
  const count = Math.max(originals.length, translated.length);
  const pairs = Array.from({ length: count }, (_, index) => [originals[index], translated[index]] as const);
  const apart = pairs.find(([original, page]) => original?.kind !== page?.kind);
  return [
    ...wrongLanguageLines(folder, translation),
    ...(apart === undefined
      ? pairs.flatMap(([original, page]) =>
          original && page ? differencesOf(original, page, hrefsOf(folder, translation)) : [],
        )
      : [`${named(apart[0])} of the original, ${named(apart[1])} of the translation`]),
    ...translated.flatMap(({ kind, text }) =>
      (kind.startsWith("code ") ? commentsOf(kind, text) : kind === "comment" ? [] : [text]).flatMap(
        typographyMistakes,
      ),
    ),
  ];
}

const named = (block: Block | undefined): string =>
  block === undefined ? "the end" : `${block.kind} "${block.text.split("\n")[0]}"`;

function wrongLanguageLines(folder: string, translation: Translation): string[] {
  const wanted = languageLines(translation);
  const third = (file: string) => readFileSync(`${folder}${file}`, "utf8").split("\n")[2] ?? "";
  return [
    ...(third(translation.original) === wanted.original
      ? []
      : [`the third line of ${translation.original} is not ${wanted.original}`]),
    ...(isRevisionLine(third(translation.page), translation)
      ? []
      : [`the third line of ${translation.page} is not ${wanted.page}`]),
  ];
}

function differencesOf(original: Block, page: Block, hrefOf: (href: string) => string): string[] {
  if (original.kind.startsWith("code ")) {
    const [wanted = [], found = []] = [original, page].map(({ kind, text }) =>
      withoutWords(kind, text).split("\n"),
    );
    const lines = Array.from({ length: Math.max(wanted.length, found.length) }, (_, line) => line);
    const line = lines.find((each) => wanted[each] !== found[each]);
    if (line === undefined) return [];
    return [`${original.kind}: "${found[line] ?? "the end"}" is not "${wanted[line] ?? "the end"}"`];
  }
  if (original.kind === "comment") {
    return original.text === page.text ? [] : [`"${page.text}" is not "${original.text}"`];
  }
  return [
    ...otherwise(page, "code", original.code, page.code),
    ...otherwise(page, "figures", figuresOf(original), figuresOf(page)),
    ...otherwise(page, "links", original.links.map(hrefOf), page.links),
  ];
}

function otherwise(at: Block, what: string, wanted: readonly string[], found: readonly string[]): string[] {
  const [all, is] = [wanted, found].map((each) => [...new Set(each)].sort().join(" ") || "none");
  return all === is ? [] : [`${named(at)}: its ${what} are ${is}, not ${all}`];
}

const figuresOf = ({ text }: Block): readonly string[] => text.match(/\d+(?:[.,-]\d+)*/g) ?? [];

/** Where a link of the original leads in the translation. */
function hrefsOf(folder: string, { original, page }: Translation): (href: string) => string {
  const translations = translationsIn(folder);
  return (href) => {
    if (/^https?:/.test(href)) return href.replace("//kubernetes.io/docs/", "//kubernetes.io/zh-cn/docs/");
    const [path = "", anchor] = href.split("#");
    const target = path === "" ? original : relative(".", resolve(dirname(original), path));
    const translation = translations.find((each) => each.original === target);
    const leadsTo = translation?.page ?? target;
    const file = leadsTo === page ? "" : relative(dirname(page), leadsTo);
    if (anchor === undefined) return file;
    return `${file}#${translation === undefined ? anchor : translatedAnchor(folder, translation, anchor)}`;
  };
}

/** The anchor of the heading that stands in the translation where this one stands in the original. */
function translatedAnchor(folder: string, { original, page }: Translation, anchor: string): string {
  const [anchors, translated] = [original, page].map((file) =>
    [
      ...readFileSync(`${folder}${file}`, "utf8")
        .replace(/^```.*?^```$/gms, "")
        .matchAll(/^#+ (.*)$/gm),
    ].map(([, heading = ""]) => slug(heading)),
  );
  return translated?.[anchors?.indexOf(anchor) ?? -1] ?? anchor;
}
