import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { root } from "../../scripts/project.ts";
import { differences } from "../../scripts/translations/differences.ts";
import { staleness, translationsIn } from "../../scripts/translations/translation.ts";

describe.each(translationsIn(root).map((translation) => [translation.page, translation] as const))(
  "%s",
  (_, translation) => {
    test("is the same document as its original", () => expect(differences(root, translation)).toEqual([]));

    test("is a translation of its original as it stands", () =>
      expect(staleness(root, translation)).toBeUndefined());
  },
);

test("the README, installing, the configuration and the symptoms are translated", () => {
  const pages = ["configuration", "install", "troubleshooting"].map((name) => `docs/zh-CN/${name}.md`);
  expect(translationsIn(root).map(({ page }) => page)).toEqual(["README.zh-CN.md", ...pages]);
});

describe("a translation", () => {
  const folder = `${mkdtempSync(`${tmpdir()}/translations-`)}/`;
  const readme = { original: "README.md", page: "README.zh-CN.md" };
  const write = (file: string, text: string) => writeFileSync(`${folder}${file}`, text);
  const read = (file: string) => readFileSync(`${folder}${file}`, "utf8");
  const git = (...args: string[]) => spawnSync("git", args, { cwd: folder, encoding: "utf8" });

  beforeEach(() => {
    mkdirSync(`${folder}docs/zh-CN`, { recursive: true });
    write("docs/pulls.md", "# Pulls\n\nEnglish | [简体中文](zh-CN/pulls.md)\n\n## Two at once\n");
    write(
      "docs/zh-CN/pulls.md",
      "# 拉取\n\n[English](../pulls.md) | 简体中文（译自 pulls.md 的版本 `REVISION`，如有出入，以英文原文为准）\n\n## 两次同时\n",
    );
    write("README.md", ORIGINAL);
    write("README.zh-CN.md", PAGE);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("may have its own words, comments and labels", () => expect(differences(folder, readme)).toEqual([]));

  test.each([
    [
      "a heading of another level",
      "## 拉取",
      "### 拉取",
      'heading 2 "Pull" of the original, heading 3 "拉取"',
    ],
    [
      "a paragraph less",
      "\n在 30 s 内执行 `pull`，见[两次](docs/zh-CN/pulls.md#两次同时)。\n",
      "",
      'paragraph "Run X within 30 s: two." of the original, comment',
    ],
    ["another command", "pull --all  #", "pull  #", 'code sh: "pull  #" is not "pull --all  #"'],
    ["another config", "total: 25s", "total: 30s", '"  total: 30s" is not "  total: 25s"'],
    ["other spaces in a config", "total: 25s", "total:  25s", '"  total:  25s" is not'],
    ["a translated output", "denied: no role", "拒绝：没有角色", '"拒绝：没有角色" is not "denied: no role"'],
    ["an arrow more", "  K->>P: 镜像", "  K->>P: 镜像\n  P->>K: 凭据", '"  P->>K: " is not "the end"'],
    ["a translated key", "`pull`", "`拉取`", "its code are 拉取, not pull"],
    ["another figure", "30 s", "60 s", "its figures are 60, not 30"],
    [
      "a link to the English page",
      "zh-CN/pulls.md#两次同时",
      "pulls.md#two-at-once",
      "not docs/zh-CN/pulls.md#",
    ],
    ["a cell less", "| 甲 | `a` |", "| 甲 | |", "its code are none, not a"],
    ["another mark", "<!-- command: pull -->", "<!-- command: 拉取 -->", 'is not "<!-- command: pull -->"'],
    ["no space beside Latin text", "在 30", "在30", "no space between Chinese and Latin text"],
    ["half-width punctuation", "`pull`，见", "`pull`, 见", "half-width punctuation in Chinese text"],
    ["a wrapped line", "`pull`，", "`pull`，\n", "a line break, which is shown as a space"],
    ["bold text that Markdown does not close", "甲 |", "**甲。**乙 |", "bold text that is not shown"],
    ["a careless comment", "# 全部", "# 全部all", "no space between Chinese and Latin text"],
    [
      "no way to the original",
      "[English](README.md) |",
      "英文 |",
      "the third line of README.zh-CN.md is not",
    ],
  ])("with %s is found out", (_, from, to, said) => {
    expect(PAGE).toContain(from);
    write("README.zh-CN.md", PAGE.replace(from, to));
    expect(differences(folder, readme).join("\n")).toContain(said);
  });

  test("is found out when the original does not lead to it", () => {
    write("README.md", ORIGINAL.replace("[简体中文](README.zh-CN.md)", "简体中文"));
    expect(differences(folder, readme)).toEqual([
      "the third line of README.md is not English | [简体中文](README.zh-CN.md)",
    ]);
  });

  test("names the revision of its original, and it is said how to see what changed since", () => {
    git("init", "--quiet");
    git("add", ".");
    expect(translations("--checked", "README.zh-CN.md", "docs/zh-CN/pulls.md")).toEqual([0, ""]);
    expect(read("README.zh-CN.md")).toContain(git("hash-object", "README.md").stdout.slice(0, 12));
    expect(translations()).toEqual([0, ""]);

    write("README.md", ORIGINAL.replace("within 30 s", "within 60 s"));
    const [status, said] = translations();
    expect(status).toBe(1);
    expect(said).toContain("README.md has changed since README.zh-CN.md was translated");
    const { stdout } = git(...(/git (diff .*)/.exec(said)?.[1] ?? "").split(" "));
    expect(stdout).toContain("-Run `pull` within 30 s");
    expect(stdout).toContain("+Run `pull` within 60 s");
  });

  test("gets no new revision while it differs", () => {
    write("README.md", ORIGINAL.replace("within 30 s", "within 60 s"));
    const [status, said] = translations("--checked", "README.zh-CN.md");
    expect(status).toBe(1);
    expect(said).toContain("its figures are 30, not 60");
    expect(read("README.zh-CN.md")).toBe(PAGE);
  });

  test.each(["--all", "--checked", "--checked README.md"])("gets no new revision by %s", (args) => {
    const [status, said] = translations(...args.split(" "));
    expect(status).toBe(2);
    expect(said).toContain("pages: README.zh-CN.md docs/zh-CN/pulls.md");
  });

  /** Exit status and stderr of `npm run translations` there. */
  function translations(...args: string[]): [number | null, string] {
    const script = `${root}scripts/translations.ts`;
    const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
      cwd: folder,
      encoding: "utf8",
    });
    return [status, stderr];
  }
});

const ORIGINAL = `# Plugin

English | [简体中文](README.zh-CN.md)

## Pull

Run \`pull\` within 30 s: [two](docs/pulls.md#two-at-once).

<!-- command: pull -->
\`\`\`sh
pull --all  # all of them
\`\`\`
\`\`\`yaml
timeouts:
  total: 25s
\`\`\`
\`\`\`text
denied: no role
\`\`\`
\`\`\`mermaid
sequenceDiagram
  participant K as kubelet
  K->>P: image
\`\`\`

| what | key |
| --- | --- |
| one | \`a\` |
`;

const PAGE = `# 插件

[English](README.md) | 简体中文（译自 README.md 的版本 \`REVISION\`，如有出入，以英文原文为准）

## 拉取

在 30 s 内执行 \`pull\`，见[两次](docs/zh-CN/pulls.md#两次同时)。

<!-- command: pull -->
\`\`\`sh
pull --all  # 全部
\`\`\`
\`\`\`yaml
timeouts:
  total: 25s
\`\`\`
\`\`\`text
denied: no role
\`\`\`
\`\`\`mermaid
sequenceDiagram
  participant K as 节点代理
  K->>P: 镜像
\`\`\`

| 内容 | 键 |
| --- | --- |
| 甲 | \`a\` |
`;
