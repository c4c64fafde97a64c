import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { root } from "../../scripts/project.ts";

const document = readFileSync(`${root}docs/doctor.md`, "utf8");
const groups = `${root}src/commands/doctor/groups`;

/** What the sources of a group's checks call them. */
function idsIn(files: readonly string[]): string[] {
  const texts = files.map((file) => readFileSync(`${groups}/${file}`, "utf8"));
  const ids = texts.flatMap((text) =>
    [...text.matchAll(/\bcheck\(\s*"([a-z-]+)"/g)].map(([, id = ""]) => id),
  );
  return [...new Set(ids)].sort();
}

/** What the table of a group's checks has in its first column. */
function documentedIds(group: string): string[] {
  const [, section = ""] = document.split(`### ${group}\n`);
  const [table = ""] = section.split("\n##");
  return [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id = ""]) => id).sort();
}

const kubeletFiles = readdirSync(`${groups}/kubelet`).map((name) => `kubelet/${name}`);

test.each([
  ["config", ["config.ts"]],
  ["executable", ["executable.ts"]],
  ["kubelet", kubeletFiles],
] as const)("docs/doctor.md has every check of the group %s, and no other", (group, files) => {
  expect(documentedIds(group)).toEqual(idsIn(files));
});

test("the report in docs/doctor.md is one by the schema", () => {
  const [, json = "{}"] = /```json\n([\s\S]*?)```/.exec(document) ?? [];
  const schema = JSON.parse(readFileSync(`${root}docs/doctor.schema.json`, "utf8"));
  const validate = new Ajv({ strict: false }).compile(schema);
  expect({ valid: validate(JSON.parse(json)), errors: validate.errors }).toEqual({
    valid: true,
    errors: null,
  });
});
