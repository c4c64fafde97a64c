/**
 * `npm run translations` says which translations are behind their originals, and in what they differ from them.
 * `npm run translations -- --checked PAGE...` writes the revision of the original into a page that is up to date.
 */
import { writeFileSync } from "node:fs";
import { root } from "./project.ts";
import { differences } from "./translations/differences.ts";
import { checked, staleness, translationsIn } from "./translations/translation.ts";

const [flag, ...pages] = process.argv.slice(2);
const translations = translationsIn(root);
const unknown = pages.filter((page) => !translations.some((each) => each.page === page));
if ((flag !== undefined && flag !== "--checked") || unknown.length > 0 || (flag && pages.length === 0)) {
  console.error(
    `npm run translations [-- --checked PAGE...]: ${translations.map(({ page }) => page).join(" ")}`,
  );
  process.exit(2);
}
for (const translation of translations) {
  const found = differences(root, translation);
  for (const difference of found) console.error(`${translation.page}: ${difference}`);
  if (found.length > 0) process.exitCode = 1;
  else if (pages.includes(translation.page))
    writeFileSync(`${root}${translation.page}`, checked(root, translation));
  const stale = staleness(root, translation);
  if (stale !== undefined) {
    console.error(stale);
    process.exitCode = 1;
  }
}
