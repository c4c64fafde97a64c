import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { readPlainYaml } from "../../src/config/yaml/plainYaml.ts";
import { parseYaml } from "../../src/config/yaml/yamlDocument.ts";

/** What the quick reader says, it must say with the real parser, which must have found no mistake. */
function holds(text: string): boolean {
  const quick = readPlainYaml(text);
  if (quick === undefined) return false;
  const { value, mistakes } = parseYaml(text);
  expect<unknown>({ text, mistakes, value: quick }).toStrictEqual({ text, mistakes: [], value });
  return true;
}

describe("the quick reader of plain YAML", () => {
  test.each([
    [
      "a config as it is mostly written",
      "apiVersion: a/v1\nkind: X # why\n\nregistries:\n  - instanceId: cri-a\n    domains: [a.com, 'b.com:5000']\n  # more\n  - instanceId: \"\"\n    identity:\n      source: ecsRamRole\ntimeouts: {total: 25s, request: 5s}\nendpoints:\n  acr: https://127.0.0.1:8443\ncache: {enabled: false}\n",
    ],
    ["a list that is not indented", "a:\n- b: 1\n  c: 2\n- b: 3\n"],
    ["JSON", '{"a": [1, true, null, "x y"], "b": {"c": "d"}}\n'],
    ["empty values", "a:\nb: {}\nc: []\n"],
    [
      "comments in any language",
      "# 镜像仓库　配置\na:\n  # 企业版实例: [x\n  - b: 1\n    # été – “quoted” 🙂\n    c: 2\n  #x\n# 完\n",
    ],
  ])("reads %s", (_name, text) => {
    expect(holds(text)).toBe(true);
  });

  test.each([
    ["keys twice", "a: 1\na: 2\n"],
    ["keys twice in JSON", '{"a": 1, "a": 2}'],
    ["keys twice in a flow mapping", "a: {b: 1, b: 2}\n"],
    ["slips", "a:\n  b: 1\n   c: 2\n"],
    ["a value that goes on", "a: b\n  c\n"],
    ["block scalars", "a: |\n  b\n"],
    ["anchors, aliases and tags", "a: &x 1\n"],
    ["other numbers", "a: 0x10\n"],
    ["words that mean something", "a: True\n"],
    ["documents", "---\na: 1\n"],
    ["escapes", 'a: "\\n"\n'],
    ["letters beyond ASCII", "a: ü\n"],
    ["letters beyond ASCII in a comment behind a value", "a: b # 仓库\n"],
    ["a comment behind a space beyond ASCII", "a: b\n\u3000# x\n"],
    ["a byte order mark before a comment", "\ufeff# x\na: b\n"],
    ["tabs", "a:\tb\n"],
    ["values listed after a comma", 'a: "b","c"\n'],
    ["mistakes", "a: [b\n"],
  ])("leaves %s to the real parser", (_name, text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });

  const word = fc.constantFrom(
    "a",
    "b-c",
    "cn-hangzhou",
    "25s",
    "acs:ram::1:role/x",
    "true",
    "12",
    "",
    "*",
    "x y",
    "null",
    "1.5",
    "~",
    "yes",
    "a.com:443",
    "/etc/x",
    "0",
    "007",
    "1e3",
    "-",
    "a:",
    "é",
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      word,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      tie("list"),
      tie("mapping"),
    ),
    list: fc.array(tie("node"), { maxLength: 4 }),
    mapping: fc.dictionary(fc.constantFrom("a", "bB", "c-d", "kind", "null", "e1"), tie("node"), {
      maxKeys: 4,
    }),
  }));

  test("agrees with the real parser on whatever can be written", () => {
    let read = 0;
    fc.assert(
      fc.property(tree.mapping, fc.boolean(), fc.boolean(), (value, flow, indentSeq) => {
        const text = stringify(value, {
          collectionStyle: flow ? "flow" : "any",
          indentSeq,
          lineWidth: 0,
          aliasDuplicateObjects: false,
        });
        if (holds(text)) read++;
        holds(JSON.stringify(value, null, flow ? 2 : 0));
      }),
      { numRuns: 600 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test("agrees with the real parser on whatever may be typed", () => {
    const piece = fc.constantFrom(
      "a",
      "b",
      ":",
      ": ",
      " ",
      "  ",
      "\n",
      "\n  ",
      "- ",
      "-",
      "#",
      " #",
      ",",
      ", ",
      "[",
      "]",
      "{",
      "}",
      '"',
      "'",
      "1",
      "0",
      "x: ",
      "s",
      ".",
      "/",
      "true",
      "\n- ",
      "\\",
      "?",
      "|",
      "*",
      "&",
      "!",
      "=",
      "+",
      "@",
      "_",
      "\r\n",
      "a: b\n",
      "a:\n  - b: c\n",
      "# 仓库: [\n",
      "\n  #\u3000é\u2028 x\n",
      "\u00a0",
      "仓",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        holds(pieces.join(""));
      }),
      { numRuns: 10_000 },
    );
  });
});
