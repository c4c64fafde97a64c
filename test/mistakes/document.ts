import { readFileSync, writeFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { groups } from "./groups.ts";
import { lineOf, type Mistake } from "./mistake.ts";

const file = `${root}docs/mistakes.md`;

const introduction = `# Mistakes, and the line that each one ends in

For each mistake: how it is made, and the line that the executable prints. \`npm test\` makes every one of them on a
simulated node, with the built executable, and compares the line; \`bun test/mistakes/document.ts --write\` writes this page
from such a run.

The kubelet puts the line into its log, into one that has \`error execing credential provider plugin\` in it. A run that
fails prints nothing else. Not every mistake ends in a line: the kubelet does not run the plugin for an image that
\`matchImages\` does not match, and a host that is not of this config gets an empty answer. \`explain IMAGE\` says why.

What differs from run to run is \`…\` here. The simulated hosts have the names that they stand for:
\`cr.cn-hangzhou.aliyuncs.com\` is the API of ACR, \`sts.cn-hangzhou.aliyuncs.com\` that of STS, \`100.100.100.200\` the metadata
service. Because a simulated host is an override in \`endpoints\`, a remedy may say \`endpoints.acr\` where yours names the
setting \`network\`. What the APIs say is in the simulation's words, which may differ from theirs.
`;

/** Marks what is in the plugin's log; a failure's line is on stderr. */
const places = {
  stderr: "",
  log: " The pull succeeds; the line is in the plugin's log, among `warnings`.",
};

/** The section of a mistake in the document. */
export function sectionOf({ title, made, line = "stderr" }: Mistake, printed: string): string {
  return `### ${title}\n\n${made}${places[line]}\n\n\`\`\`text\n${printed}\n\`\`\`\n`;
}

/** The whole document; `lines`: what the executable prints, by the mistake's title. */
export function documentOf(lines: ReadonlyMap<string, string>): string {
  const parts = groups.map(({ title, mistakes }) =>
    [`## ${title}\n`, ...mistakes.map((one) => sectionOf(one, lines.get(one.title) ?? ""))].join("\n"),
  );
  return [introduction, ...parts].join("\n");
}

/** The sections of the document as it is, by their titles. */
export function documentedSections(): ReadonlyMap<string, string> {
  const text = readFileSync(file, "utf8");
  const sections = text.split(/^(?=### )/m).slice(1);
  return new Map(
    sections.map((section) => {
      const [, title = ""] = /^### (.*)$/m.exec(section) ?? [];
      return [title, `${section.replace(/\n## [\s\S]*$/, "").trimEnd()}\n`];
    }),
  );
}

/** What stands before the first mistake. */
export function documentedIntroduction(): string {
  return readFileSync(file, "utf8").split(/^## /m)[0]?.trimEnd().concat("\n") ?? "";
}

export { introduction };

async function printedLines(cloud: Cloud): Promise<Map<string, string>> {
  const lines = new Map<string, string>();
  for (const mistake of groups.flatMap(({ mistakes }) => mistakes)) {
    lines.set(mistake.title, await lineOf(cloud, mistake));
  }
  return lines;
}

if (import.meta.main) {
  const cloud = await startCloud();
  const text = documentOf(await printedLines(cloud));
  await cloud.stop();
  if (process.argv[2] === "--write") writeFileSync(file, text);
  else console.log(text);
}
