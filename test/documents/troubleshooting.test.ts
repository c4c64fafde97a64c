import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { markedBlocks, symptoms } from "./support/markedBlocks.ts";

const readme = `${root}README.md`;
const strings = markedBlocks(symptoms).filter(({ where }) => where !== "command");

describe("docs/troubleshooting.md", () => {
  test.each(strings.map(({ where, what }) => [where, what] as const))(
    "what is seen %s when %s is looked for in what a real kubelet says",
    (where, what) => {
      const tests = readdirSync(`${root}test/kubelet`, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".test.ts"))
        .map((file) => readFileSync(`${root}test/kubelet/${file}`, "utf8"));
      expect(tests.some((source) => source.includes(`seen("${where}", "${what}")`))).toBe(true);
    },
  );

  test("its one command and README's search for strings that are looked for in real logs", () => {
    const known = strings.flatMap(({ lines }) => lines);
    const commands = [symptoms, readme].flatMap((file) =>
      markedBlocks(file).filter(({ where }) => where === "command"),
    );
    expect(commands.length).toBe(2);
    for (const { lines } of commands) {
      const searched = [...lines.join("\n").matchAll(/-e '([^']+)'/g)].map(([, string = ""]) => string);
      expect(searched.length).toBeGreaterThan(2);
      for (const string of searched) expect(known).toContain(string);
    }
  });
});

describe.each([
  ["docs/troubleshooting.md", ["it means", "decide", "fix"]],
  ["docs/zh-CN/troubleshooting.md", ["含义", "判断", "处理"]],
] as const)("%s", (file, parts) => {
  const sections = readFileSync(`${root}${file}`, "utf8").split(/^## /m).slice(2);
  test.each(sections.map((section) => [section.split("\n")[0] ?? "", section] as const))(
    "the symptom %s has what it means, how to decide and how to fix it",
    (_, section) => {
      for (const part of parts) expect(section.toLowerCase()).toContain(part);
    },
  );
});
