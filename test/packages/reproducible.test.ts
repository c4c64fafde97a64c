import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { root } from "../../scripts/project.ts";
import { archiveOf, debOf, isPrepared, newPackages, rpmOf } from "./support/built.ts";
import { run, sha256 } from "./support/tree.ts";

const names = [archiveOf("linux-x64"), debOf("amd64"), rpmOf("x86_64")];

/** Another folder, home, time zone, language and umask, and files that are younger than the commit. */
const script = `set -e
umask 077
git clone --quiet --no-hardlinks "$1" "$2/elsewhere"
cd "$2/elsewhere"
git -C "$1" diff --binary HEAD | git apply --index --allow-empty
cp -al "$1/node_modules" . 2>/dev/null || cp -a "$1/node_modules" .
exec env HOME="$2" TZ=Asia/Shanghai LC_ALL=C bun run scripts/packages.ts --target linux-x64`;

describe.skipIf(!isPrepared)("built once more from a clone, somewhere else", () => {
  test("tar.gz, deb and rpm are the same bytes", async () => {
    const folder = mkdtempSync(`${tmpdir()}/acr-again-`);
    try {
      const env = `PATH=${root}node_modules/.bin:${process.env.PATH}`;
      const go = `GOMODCACHE=${(await run("go", "env", "GOMODCACHE")).stdout.trim()}`;
      const cache = `GOCACHE=${(await run("go", "env", "GOCACHE")).stdout.trim()}`;
      const { status, stderr } = await run("env", env, go, cache, "bash", "-c", script, "bash", root, folder);
      expect({ status, stderr }).toMatchObject({ status: 0 });
      const again = names.map((name) => [name, sha256(`${folder}/elsewhere/release/${name}`)]);
      expect(again).toEqual(names.map((name) => [name, sha256(`${newPackages}/${name}`)]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
