import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { root } from "../../scripts/project.ts";
import { makeDirectories } from "../../src/files/makeDirectories.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/acr-directories-`);
});
afterEach(() => rmSync(folder, { recursive: true }));

test("makes what is missing, with its mode, and leaves what is there", () => {
  makeDirectories(`${folder}/a/b/c`, 0o700);
  makeDirectories(`${folder}/a/b/c`, 0o755);
  const modes = ["a", "a/b", "a/b/c"].map((path) => statSync(`${folder}/${path}`).mode & 0o777);
  expect(modes).toEqual([0o700, 0o700, 0o700]);
});

test("ends where a file is in the way, and where nothing can be made", () => {
  writeFileSync(`${folder}/file`, "");
  expect(() => makeDirectories(`${folder}/file`, 0o700)).toThrow("EEXIST");
  expect(() => makeDirectories(`${folder}/file/below`, 0o700)).toThrow("ENOTDIR");
  expect(() => makeDirectories("/proc/nothing/below", 0o700)).toThrow("ENOENT");
});

test("of processes that make the same ones at once each finds them", async () => {
  const module = JSON.stringify(`${root}src/files/makeDirectories.ts`);
  const script = `const { makeDirectories } = await import(${module});
    for (let index = 0; index < 2000; index++) makeDirectories(${JSON.stringify(folder)} + "/" + index + "/a/b", 0o700);`;
  const children = Array.from({ length: 6 }, () =>
    Bun.spawn([process.execPath, "-e", script], { stdout: "ignore", stderr: "pipe" }),
  );
  const said = await Promise.all(children.map(({ stderr }) => new Response(stderr).text()));
  expect(said.join("")).toBe("");
  expect(await Promise.all(children.map(({ exited }) => exited))).toEqual(children.map(() => 0));
  expect(readdirSync(folder)).toHaveLength(2000);
});
