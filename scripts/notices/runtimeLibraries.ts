/** What is inside Bun, by its own page and its own word. */
import { existsSync, readFileSync } from "node:fs";
import { root } from "../project.ts";

export interface RuntimeLibrary {
  readonly name: string;
  /** A version or a commit; Bun does not tell it of every library. */
  readonly version?: string;
  /** In the words of Bun's page. */
  readonly license: string;
  readonly url: string;
}

/** How `process.versions` calls what the page calls otherwise. */
const versionNames: Readonly<Record<string, string>> = {
  "c-ares": "ares",
  libicu: "icu",
  "lol-html": "lolhtml",
  "ls-hpack": "lshpack",
  picohttp: "picohttpparser",
  uSockets: "usockets",
  uWebsockets: "uwebsockets",
  "zlib-ng": "zlib",
};

/** Bun's page on licences, in Markdown, and the version of the package that has it. @throws Error where it is missing. */
export function runtimePage(): { readonly version: string; readonly markdown: string } {
  const folder = `${root}node_modules/bun-types`;
  const page = `${folder}/docs/project/license.mdx`;
  if (!existsSync(page)) throw new Error(`${page} is missing: it tells what the runtime is made of`);
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  return { version, markdown: readFileSync(page, "utf8").replace(/^---\n.*?\n---\n/s, "") };
}

/** What Bun links and embeds on Linux. @throws Error where the page has changed so that nothing is found. */
export function runtimeLibraries(): readonly RuntimeLibrary[] {
  const { markdown } = runtimePage();
  if (!markdown.includes("statically links JavaScriptCore (and WebKit), which is LGPL-2 licensed")) {
    throw new Error("read Bun's page on licences: it says something else of JavaScriptCore");
  }
  const webkit = { name: "JavaScriptCore", license: "LGPL-2", url: "https://github.com/oven-sh/WebKit" };
  const rows = [...markdown.matchAll(/^\| (?:[\w ]+ )?\[`?([^\]`]+)`?\]\(([^)]+)\)(.*?)\| +(.*?) +\|$/gm)];
  const onLinux = rows.filter(
    ([, , url = "", note = ""]) => !/^ \(on Windows\)/.test(note) && !url.includes("windows"),
  );
  if (onLinux.length === 0) throw new Error("read Bun's page on licences: it has no table of libraries");
  return [
    webkit,
    ...onLinux.map(([, name = "", url = "", , license = ""]) => ({ name, url, license: plain(license) })),
  ].map((library) => ({ ...library, ...versionOf(library.name) }));
}

/** Without the links of Markdown. */
const plain = (text: string) => text.replace(/\[([^\]]+)\]\(([^)]+)\)/g, "$1: $2");

function versionOf(name: string): { version?: string } {
  const version = process.versions[name === "JavaScriptCore" ? "webkit" : (versionNames[name] ?? name)];
  return version === undefined ? {} : { version };
}
