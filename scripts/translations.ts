/**
 * `npm run translations` says which translations of the checkout in this folder are behind their originals, and in
 * what they differ from them. `npm run translations -- --checked PAGE...` writes the revision of the original into
 * pages that their translator has checked, unless they differ. Exit status 1: a page differs or is behind.
 */
import { writeFileSync } from "node:fs";
import { differences } from "./translations/differences.ts";
import { checked, staleness, translationsIn } from "./translations/translation.ts";

const folder = `${process.cwd()}/`;
const [flag, ...pages] = process.argv.slice(2);
const translations = translationsIn(folder);
const known = pages.every((page) => translations.some((each) => each.page === page));
if (flag !== undefined && (flag !== "--checked" || pages.length === 0 || !known)) {
  console.error(`usage: npm run translations [-- --checked PAGE...]`);
  console.error(`pages: ${translations.map(({ page }) => page).join(" ")}`);
  process.exit(2);
}
for (const translation of translations) {
  const { page } = translation;
  const found = differences(folder, translation);
  if (found.length === 0 && pages.includes(page))
    writeFileSync(`${folder}${page}`, checked(folder, translation));
  const behind = staleness(folder, translation);
  const said = [...found.map((each) => `${page}: ${each}`), ...(behind === undefined ? [] : [behind])];
  for (const line of said) console.error(line);
  if (said.length > 0) process.exitCode = 1;
}
