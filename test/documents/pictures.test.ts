import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { pictures, takePicture } from "../../scripts/pictures/takePictures.ts";
import { terminalPicture } from "../../scripts/pictures/terminalPicture.ts";
import { root } from "../../scripts/project.ts";

describe("docs/pictures", () => {
  const folder = `${root}docs/pictures`;

  test("has a picture of each command that is drawn, and no other", () => {
    expect(readdirSync(folder).sort()).toEqual(pictures.map(({ file }) => file).sort());
  });

  for (const picture of pictures) {
    const { file, impossible } = picture;
    const why = impossible === undefined ? "" : ` (skipped: ${impossible})`;
    test.skipIf(impossible !== undefined)(
      `${file} shows what the command says now (npm run pictures makes it anew)${why}`,
      async () => expect(await takePicture(picture)).toBe(readFileSync(`${folder}/${file}`, "utf8")),
    );
  }
});

describe("a picture of a terminal", () => {
  const linesOf = (svg: string) =>
    [...svg.matchAll(/^<text.*$/gm)].map(([line]) => line.replace(/<[^>]*>/g, ""));

  test("has the colors and weights of the codes, and none of the codes", () => {
    const svg = terminalPicture("\x1b[1;32mok\x1b[0m  \x1b[2mconfig\x1b[22m\x1b[91m!\x1b[39m.\n", "t", 80);
    expect(svg).toContain('fill="#3fb950" font-weight="bold">ok<');
    expect(svg).toContain('opacity="0.65">config<');
    expect(svg).toContain('fill="#ffa198">!<');
    expect(svg).toContain(">.<");
    expect(svg).not.toContain("\x1b");
  });

  test("breaks lines after the last column, wherever the colors change", () => {
    expect(linesOf(terminalPicture("abc\x1b[31mdefgh\x1b[0mi\nj\n", "t", 4))).toEqual([
      "abcd",
      "efgh",
      "i",
      "j",
    ]);
  });

  test("shows the last of what was written over, and empty lines", () => {
    const svg = terminalPicture("waiting 1\rwaiting 2\r\x1b[Kdone\r\n\r\nnext\r\n", "t", 80);
    expect(linesOf(svg)).toEqual(["done", "next"]);
    expect(svg).toContain('height="86"');
  });

  test("escapes what would be markup", () => {
    expect(terminalPicture("<a> & b", "a < b", 80)).toContain(">&lt;a&gt; &amp; b<");
  });

  test.each(["\x1b[2Aup", "a\tb", "\x1b[38;5;1mred"])(
    "is not drawn from %j, which it does not know",
    (output) => {
      expect(() => terminalPicture(output, "t", 80)).toThrow("draw");
    },
  );
});
