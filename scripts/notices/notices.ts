/** What is inside the executable and under which terms, from what is really bundled. */
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { nodeBundle } from "../build/nodeBundle.ts";
import { root } from "../project.ts";
import { runtimeOf } from "../release/runtime.ts";
import type { RuntimeName, Target } from "../release/targets.ts";
import { checkAllowed } from "./allowedPackages.ts";
import { runtimeLibraries, runtimePage } from "./runtimeLibraries.ts";

/** A package with code in the executable. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package itself says. */
  readonly license: string;
  /** The text of its licence file. */
  readonly text: string;
}

/** Writes code that becomes a part of ours: `scripts/generate.ts` takes the config's validator from it. */
const CODE_GENERATORS = ["ajv"];

/** The module that is made here from what the rest of the bundle holds; no one else imports it. */
const NOTICES_MODULE = /\/generated\/notices\.ts$/;

/**
 * The packages whose code the bundler of a runtime takes into the executable, by name.
 * @throws Error for a package that is not allowed, or has no licence or licence file: nothing is shipped without its notice.
 */
export async function bundledPackages(runtime: RuntimeName = "bun"): Promise<readonly BundledPackage[]> {
  const inputs = runtime === "bun" ? await inputsOfBun() : (await nodeBundle("")).metafile.inputs;
  const names = Object.keys(inputs).flatMap((input) => packageOf(input) ?? []);
  if (names.length === 0) throw new Error("the bundler lists no package: its metafile has changed");
  const bundled = [...new Set([...names, ...CODE_GENERATORS])].sort();
  checkAllowed(bundled, runtime);
  return bundled.map((name) => described(`${root}node_modules/${name}`));
}

async function inputsOfBun(): Promise<object> {
  const { metafile } = await Bun.build({
    entrypoints: [`${root}src/main/main.ts`],
    target: "bun",
    format: "esm",
    metafile: true,
    plugins: [{ name: "leave the notices out", setup: leaveNoticesOut }],
  });
  return metafile?.inputs ?? {};
}

function leaveNoticesOut(build: Bun.PluginBuilder): void {
  build.onResolve({ filter: NOTICES_MODULE }, ({ path }) => ({ path, external: true }));
}

/** `@scope/name` of a file in node_modules, the innermost one. */
function packageOf(input: string): string | undefined {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
}

/** The package in this folder. @throws Error where licence or text is missing. */
export function described(folder: string): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
  if (typeof license !== "string" || file === undefined) {
    throw new Error(`${name} ${version} is bundled, and ${basename(folder)} has no licence or licence file`);
  }
  return { name, version, license, text: readFileSync(`${folder}/${file}`, "utf8").trim() };
}

/** What stands in the notices of the runtime itself. */
interface RuntimeNotices {
  readonly name: string;
  readonly version: string;
  /** What follows its heading, and further texts with headings of their own. */
  readonly terms: string;
  readonly texts: readonly string[];
}

/** The notices as `licenses` prints them, of the executable that Bun is a part of. */
export function noticesText(): Promise<string> {
  return noticesWith("bun", {
    name: "Bun",
    version: Bun.version,
    terms: runtimeTerms(),
    texts: ["LGPL-2.0", "LGPL-2.1"].flatMap((name) => [
      heading(name),
      readFileSync(`${root}scripts/notices/${name}.txt`, "utf8").trim(),
    ]),
  });
}

/** The same of the executable that Node.js is a part of: its package brings the texts of all that is inside it along. */
export function nodeNoticesText(target: Target): Promise<string> {
  const { version, license = "" } = runtimeOf(target, "node");
  const terms = [
    "The runtime is Node.js, unchanged but for the script in it: https://github.com/nodejs/node. This is its LICENSE:",
    "",
    readFileSync(license, "utf8").trim(),
  ];
  return noticesWith("node", { name: "Node.js", version, terms: terms.join("\n"), texts: [] });
}

async function noticesWith(runtime: RuntimeName, its: RuntimeNotices): Promise<string> {
  const own = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const packages = await bundledPackages(runtime);
  const width = Math.max(own.name.length, ...packages.map(({ name }) => name.length)) + 1;
  const row = (name: string, version: string, license: string) =>
    `  ${name.padEnd(width)} ${version.padEnd(8)} ${license}`;
  return [
    "This executable is made of:",
    "",
    row(own.name, own.version, own.license),
    ...packages.map(({ name, version, license }) => row(name, version, license)),
    row(its.name, its.version, "MIT, with libraries under the terms listed below"),
    "",
    heading(`${own.name} ${own.version}: ${own.license}`),
    readFileSync(`${root}LICENSE`, "utf8").trim(),
    ...packages.flatMap(({ name, version, license, text }) => [
      heading(`${name} ${version}: ${license}`),
      ...(CODE_GENERATORS.includes(name) ? ["It wrote the code that checks the config.\n"] : []),
      text,
    ]),
    heading(`${its.name} ${its.version}: MIT, with libraries under other terms`),
    its.terms,
    ...its.texts,
    "",
  ].join("\n");
}

/** What Bun's own page says of what Bun is made of, and what that asks of whoever passes this executable on. */
function runtimeTerms(): string {
  const { version, markdown } = runtimePage();
  const commit = (name: string) => runtimeLibraries().find((library) => library.name === name)?.version;
  return [
    "The runtime is Bun, unchanged: https://github.com/oven-sh/bun. Its package brings no licence files along, so the",
    "texts are where the links of the page below lead: Bun's own at https://github.com/oven-sh/bun/blob/main/LICENSE.md.",
    "",
    "JavaScriptCore and WebKit (LGPL-2.0) and tinycc (LGPL-2.1) are linked statically into it; both texts are at the end.",
    "This is their source, at the commits that Bun was built from:",
    `  https://github.com/oven-sh/WebKit   ${commit("JavaScriptCore")}`,
    `  https://github.com/tinycc/tinycc    ${commit("tinycc")}`,
    "They ask that whoever has this executable can put a changed version of them into it. That takes the source of this",
    "program, of which nothing is kept back: it is published as one archive beside the executable. It also takes a Bun",
    "that was built with the changes as the page below says. With it",
    "  npm ci && YOUR_BUN run scripts/build.ts",
    "builds this executable anew. Whoever passes the executable on owes its receivers these notices and that source.",
    "You may change these libraries for your own use, and take the executable apart to find what your change broke.",
    "",
    `Of what it is made, Bun's page says (package bun-types ${version}, docs/project/license.mdx):`,
    "",
    narrow(markdown).trim(),
  ].join("\n");
}

/** Tables of Markdown without the blanks that align them, and ASCII only, which takes half of the room. */
function narrow(markdown: string): string {
  return markdown
    .replaceAll("’", "'")
    .replace(/ {2,}\|/g, " |")
    .replace(/-{4,}/g, "---");
}

function heading(title: string): string {
  return `\n${"=".repeat(title.length)}\n${title}\n${"=".repeat(title.length)}\n`;
}
