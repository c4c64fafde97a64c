import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { author, name } from "../about.ts";
import { root } from "../project.ts";
import { filesOfCheckout } from "./checkout.ts";

export interface Staged {
  /** The file that becomes the executable of the packages. */
  readonly executable: string;
  readonly version: string;
  /** What NOTICE says. */
  readonly notices: string;
  /** Seconds since the epoch, for every file. */
  readonly date: number;
}

/** What people read: the pages at the top, `docs`, and the examples. */
const pages = [":(glob)*.md", "docs", "node-config"];

/**
 * Lays out in an empty folder what nfpm.yaml and the tar.gz take their files from: `tree`, which is the tar.gz, `pages` of it
 * without the changelog, and what only deb and rpm have. Owner, time and mode of a file never depend on the machine.
 */
export async function stageFiles(
  folder: string,
  { executable, version, notices, date }: Staged,
): Promise<void> {
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const path of filesOfCheckout(...pages)) {
    const text = readFileSync(root + path);
    put(`tree/${path}`, text);
    if (path !== "CHANGELOG.md") put(`pages/${path}`, text);
    // By the name that Debian's policy gives it.
    else put("changelog.gz", gzipSync(text, { level: 9 }));
  }
  put("tree/LICENSE", readFileSync(`${root}LICENSE`));
  put("tree/NOTICE", notices);
  copyFileSync(executable, join(folder, "tree", name));
  // Loaded here: it reads code that only a build generates.
  const { manualPage } = await import("./manualPage.ts");
  put("manual.1.gz", gzipSync(await manualPage(date), { level: 9 }));
  put("copyright", copyright);
  put("changelog.yaml", changelog(version, date));
  for (const file of ["lintian-overrides", "postinstall.sh", "preremove.sh"])
    put(file, readFileSync(`${root}scripts/packages/${file}`));
  settle(folder, date);
}

const copyright = `Copyright: 2026 the authors of ${name}
License: Apache-2.0

On Debian systems the text of the Apache License, version 2.0, is in
/usr/share/common-licenses/Apache-2.0.

The executable has code of others inside. Their notices and licenses are in
/usr/share/doc/${name}/NOTICE.
`;

/** In the form of https://github.com/goreleaser/chglog, which nfpm makes Debian's and rpm's of. */
function changelog(version: string, date: number): string {
  const changes = [{ note: `${version}: what is new stands in CHANGELOG.md.` }];
  // JSON is YAML.
  return JSON.stringify([
    {
      semver: `${version}-1`,
      date: new Date(date * 1000).toISOString(),
      packager: author,
      changes,
      deb: { urgency: "medium", distributions: ["unstable"] },
    },
  ]);
}

function settle(path: string, date: number): void {
  const stats = lstatSync(path);
  if (stats.isDirectory()) for (const entry of readdirSync(path)) settle(join(path, entry), date);
  const isExecutable = stats.isDirectory() || path.endsWith(`/tree/${name}`);
  chmodSync(path, isExecutable ? 0o755 : 0o644);
  utimesSync(path, date, date);
}
