import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { root } from "../../scripts/project.ts";
import { anchorOf } from "../identity/support/markdown.ts";

const documents = [root, `${root}docs/`, `${root}docs/zh-CN/`].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}${name}`),
);

test.each(documents.map((file) => [file.slice(root.length), file] as const))(
  "every link in %s leads to a file, and to a heading of it",
  (_, file) => {
    const links = readFileSync(file, "utf8").matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g);
    const broken = [...links].filter(([, path = "", anchor]) => {
      const target = path === "" ? file : resolve(dirname(file), path);
      return !existsSync(target) || (anchor !== undefined && !anchorsIn(target).includes(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  },
);

test("the documents are found", () => {
  expect(documents.length).toBeGreaterThan(8);
});

function anchorsIn(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
}
