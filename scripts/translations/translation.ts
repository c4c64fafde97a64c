import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, relative } from "node:path";

/** A page in another language. Both are paths in the checkout. */
export interface Translation {
  readonly original: string;
  readonly page: string;
}

/** Every translation of a checkout; `folder` ends with a slash. */
export function translationsIn(folder: string): Translation[] {
  const pages = existsSync(`${folder}docs/zh-CN`) ? readdirSync(`${folder}docs/zh-CN`).sort() : [];
  return [
    { original: "README.md", page: "README.zh-CN.md" },
    ...pages.map((name) => ({ original: `docs/${name}`, page: `docs/zh-CN/${name}` })),
  ];
}

/** The third line of both, where they lead to each other. The page's also names the revision of the original. */
export function languageLines({ original, page }: Translation, revision = "REVISION") {
  const to = (from: string, file: string) => relative(dirname(from), file);
  return {
    original: `English | [简体中文](${to(original, page)})`,
    page: `[English](${to(page, original)}) | 简体中文（译自 ${basename(original)} 的版本 \`${revision}\`，如有出入，以英文原文为准）`,
  };
}

/** The revision of a file: the first 12 hex digits of its blob in git. */
export function revisionOf(file: string): string {
  const content = readFileSync(file);
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex").slice(0, 12);
}

const REVISION = /(?<=的版本 `)(?:[0-9a-f]{12}|REVISION)(?=`)/;

/** Whether a line is the third one of this translation, of whatever revision. */
export function isRevisionLine(line: string, translation: Translation): boolean {
  const [revision] = REVISION.exec(line) ?? [];
  return line === languageLines(translation, revision).page;
}

/** What to do where the original has changed since the page was translated. Nothing where it has not. */
export function staleness(folder: string, { original, page }: Translation): string | undefined {
  const [revision = "none"] = REVISION.exec(readFileSync(`${folder}${page}`, "utf8")) ?? [];
  if (revision === revisionOf(`${folder}${original}`)) return undefined;
  return (
    `${original} has changed since ${page} was translated. See what changed: git diff ${revision} ${original}\n` +
    `Say the same in ${page}. Then write the new revision: npm run translations -- --checked ${page}`
  );
}

/** The text of a page whose translator has checked it against the original as it stands. */
export function checked(folder: string, { original, page }: Translation): string {
  return readFileSync(`${folder}${page}`, "utf8").replace(REVISION, revisionOf(`${folder}${original}`));
}
