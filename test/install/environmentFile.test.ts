import { describe, expect, test } from "bun:test";
import { placesOf, withoutWords } from "../../src/install/flags/words.ts";
import { assign, assignmentsIn } from "../../src/kubelet/running/environmentFile.ts";
import { wordsOf } from "../../src/kubelet/running/shellWords.ts";

const values = (text: string) => assignmentsIn(text).map(({ name, value }) => [name, value]);

describe("an environment file is read as systemd reads it", () => {
  test.each<[string, string, [string, string][]]>([
    [
      "plain",
      "A=1\nB=two words \n",
      [
        ["A", "1"],
        ["B", "two words"],
      ],
    ],
    ["comments of both kinds", "# A=1\n  ; B=2\nC=3 # not one\n", [["C", "3 # not one"]]],
    ["a comment joined to the next line", "# A \\\nB=2\nC=3\n", [["C", "3"]]],
    [
      "empty",
      "A=\nB=  \nC=''\n",
      [
        ["A", ""],
        ["B", ""],
        ["C", ""],
      ],
    ],
    [
      "double quotes",
      'A="x  y" \nB="a \\"b\\" \\$c \\d"\n',
      [
        ["A", "x  y"],
        ["B", 'a "b" $c \\d'],
      ],
    ],
    ["single quotes", "A='x \"y\" \\z'\n", [["A", 'x "y" \\z']]],
    ["a quote within a plain value is a character", 'A=a"b c"\n', [["A", 'a"b c"']]],
    ["parts in quotes, then a plain one", "A=\"x \" 'y'z\n", [["A", "x yz"]]],
    [
      "lines joined",
      'A=one \\\n  two\nB="one \\\ntwo"\n',
      [
        ["A", "one   two"],
        ["B", "one two"],
      ],
    ],
    [
      "a line end within quotes",
      'A="one\ntwo"\nB=1\n',
      [
        ["A", "one\ntwo"],
        ["B", "1"],
      ],
    ],
    ["escaped characters", "A=a\\ b\\\\c\\ \n", [["A", "a b\\c "]]],
    ["indented, spaces before the sign", "  A = 1\n", [["A", "1"]]],
    ["what is not an assignment", "export A=1\nB\n=2\nC=3", [["C", "3"]]],
    [
      "twice",
      "A=1\nA=2\n",
      [
        ["A", "1"],
        ["A", "2"],
      ],
    ],
    [
      "CR LF",
      "A=1\r\nB=2\r\n",
      [
        ["A", "1"],
        ["B", "2"],
      ],
    ],
    ["a quote that is not closed", 'A="x\nB=1\n', [["A", "x\nB=1\n"]]],
  ])("%s", (_name, text, expected) => expect(values(text)).toEqual(expected));
});

describe("an assignment is replaced", () => {
  test.each<[string, string, string]>([
    [
      "the last one, others stay",
      "# c\nA=1\nX=old\nX=older # \nB='2'\n",
      "# c\nA=1\nX=old\nX=\"new $1\"\nB='2'\n",
    ],
    ["over joined lines", "X=a \\\n b\nA=1\n", 'X="new $1"\nA=1\n'],
    ["at the end where there is none", "A=1", 'A=1\nX="new $1"\n'],
    ["in an empty file", "", 'X="new $1"\n'],
    ["the stock file of the packages", "X=\n", 'X="new $1"\n'],
  ])("%s", (_name, before, after) => {
    expect(assign(before, "X", "new $1")).toBe(after.replace("$1", "\\$1"));
    expect(
      values(assign(before, "X", "new $1"))
        .filter(([name]) => name === "X")
        .at(-1)?.[1],
    ).toBe("new $1");
  });

  test("any value is read back as it was", () => {
    for (const value of ["a \"b c\" --d='e'", "\\", 'x\\"y', "`$HOME`", " a  b ", "", "é=1"]) {
      const text = assign("A=1\nX=0\nB=2\n", "X", value);
      expect(values(text)).toEqual([
        ["A", "1"],
        ["X", value],
        ["B", "2"],
      ]);
    }
  });
});

describe("the words of a value", () => {
  test.each<[string, string[] | undefined]>([
    ["--a=1  --b 2\t--c", ["--a=1", "--b", "2", "--c"]],
    [`--a="x y" '--b=z w' c\\ d`, ["--a=x y", "--b=z w", "c d"]],
    ["", []],
    [`--a="x`, undefined],
  ])("%s", (line, words) => expect(wordsOf(line)?.map(({ text }) => text)).toEqual(words));

  test("are taken out, others as they were written", () => {
    const line = `--a="x y"  --flag=1 --b='2'   --flag=1 --c`;
    expect(withoutWords(line, placesOf(line, ["--flag=1", "--c"]) ?? [])).toBe(`--a="x y"  --flag=1 --b='2'`);
    expect(placesOf(line, ["--none"])).toBeUndefined();
  });
});
