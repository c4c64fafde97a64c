import { beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { nodeBundle } from "../../scripts/build/nodeBundle.ts";
import { described } from "../../scripts/notices/notices.ts";
import { root } from "../../scripts/project.ts";
import { runExecutable, runtime } from "../support/executable.ts";

let notices = "";
beforeAll(async () => {
  const { status, stdout, stderr } = await runExecutable({ args: ["licenses"] });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  notices = stdout;
});

/** The folders of the packages that the executable's own build takes code from, as the bundler tells. */
async function bundledFolders(): Promise<string[]> {
  const { metafile } =
    runtime === "node"
      ? await nodeBundle("")
      : await Bun.build({ entrypoints: [`${root}src/main/main.ts`], target: "bun", metafile: true });
  const folders = Object.keys(metafile?.inputs ?? {}).map(
    (input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1],
  );
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

describe("licenses", () => {
  test("name every package that is bundled, with the text of its licence", async () => {
    const folders = await bundledFolders();
    expect(folders).not.toEqual([]);
    for (const folder of folders) {
      const { name, version, license } = JSON.parse(readFileSync(`${root}${folder}/package.json`, "utf8"));
      expect(notices).toContain(`${name} ${version}: ${license}`);
      const file = readdirSync(`${root}${folder}`).find((entry) => /^licen[cs]e/i.test(entry));
      expect(notices).toContain(readFileSync(`${root}${folder}/${file}`, "utf8").trim());
    }
  });

  test("have our own licence, and that of what wrote the validator", () => {
    expect(notices).toContain(readFileSync(`${root}LICENSE`, "utf8").trim());
    expect(notices).toContain(readFileSync(`${root}node_modules/ajv/LICENSE`, "utf8").trim());
  });

  if (runtime === "node") {
    test("name Node.js, with all of its LICENSE", () => {
      const node = `${root}node_modules/node-linux-${process.arch}`;
      const { version } = JSON.parse(readFileSync(`${node}/package.json`, "utf8"));
      expect(notices).toContain(`Node.js ${version}: MIT`);
      const license = readFileSync(`${node}/LICENSE`, "utf8").trim();
      for (const library of ["V8", "OpenSSL", "libuv", "ICU"]) expect(license).toContain(library);
      expect(notices).toContain(license);
      expect(notices).not.toContain(`Bun ${Bun.version}`);
    });
  }

  test.skipIf(runtime === "node")(
    "name Bun, each library of Bun's own page, and how to build on a changed one (Bun flavour)",
    () => {
      expect(notices).toContain(`Bun ${Bun.version}: MIT`);
      const page = readFileSync(`${root}node_modules/bun-types/docs/project/license.mdx`, "utf8");
      const libraries = [...page.matchAll(/^\| .*\[`([^`]+)`\]/gm)].map(([, name = ""]) => name);
      expect(libraries).toContain("tinycc");
      for (const library of libraries) expect(notices).toContain(`\`${library}\``);
      expect(notices).toContain("YOUR_BUN run scripts/build.ts");
      expect(existsSync(`${root}scripts/build.ts`)).toBe(true);
    },
  );

  const lgpl = test.skipIf(runtime === "node");
  lgpl.each(["LGPL-2.0", "LGPL-2.1"])("have the whole text of %s (Bun flavour)", (name) => {
    const text = readFileSync(`${root}scripts/notices/${name}.txt`, "utf8");
    expect(notices).toContain(text.trim());
    // Debian has them word for word; other systems have nothing to compare with.
    const debian = `/usr/share/common-licenses/${name.replace(".0", "")}`;
    if (existsSync(debian)) expect(text).toBe(readFileSync(debian, "utf8"));
  });

  test("show nothing of the machine that built it", () => {
    expect(notices).not.toContain(root);
    expect(notices).not.toContain(`${tmpdir()}/`);
  });
});

test.each([
  ["a licence", { name: "x", version: "1.0.0" }, ["LICENSE"]],
  ["a licence file", { name: "x", version: "1.0.0", license: "MIT" }, ["README.md"]],
])("a package without %s is not shipped", (_, manifest, files) => {
  const folder = mkdtempSync(`${tmpdir()}/acr-package-`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/package.json`, JSON.stringify(manifest));
    for (const file of files) writeFileSync(`${folder}/${file}`, "text");
    expect(() => described(folder)).toThrow("x 1.0.0 is bundled");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
