import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { builtExecutable, debOf, isPrepared, name, OLD_VERSION, version } from "./support/built.ts";
import { makeTree, NEW, OLD, sha256, type Tree } from "./support/tree.ts";

const executable = `/usr/bin/${name}`;
const newDeb = `${NEW}/${debOf("amd64")}`;
const oldDeb = `${OLD}/${debOf("amd64", OLD_VERSION)}`;
const KILLS = 6;

/** A command that succeeds and complains of nothing. */
async function done(tree: Tree, ...command: string[]): Promise<string> {
  const { status, stdout, stderr } = await tree.run(...command);
  expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: "" });
  return stdout;
}

const installedVersion = (tree: Tree) => done(tree, "dpkg-query", "-W", "-f", `\${Status} \${Version}`, name);

describe.skipIf(!isPrepared)("the deb, in a Debian tree (npm run test:packages prepares it)", () => {
  test("installed, again, and removed, after which there is nothing to purge: what it brings is there, and then nothing of it", async () => {
    const tree = makeTree();
    const before = tree.state();
    const said = await done(tree, "dpkg", "-i", newDeb);
    expect(said).toContain(`the kubelet is unchanged`);
    expect(said).toContain(`  sudo ${name} node install\n`);
    expect(await installedVersion(tree)).toBe(`install ok installed ${version}-1`);
    expect(await done(tree, "dpkg", "--verify", name)).toBe("");
    expect(await done(tree, name, "--version")).toContain(`${name} ${version}`);
    expect(await done(tree, "docker-credential-aliyun-acr", "list")).toBe("{}\n");
    expect(sha256(tree.root + executable)).toBe(sha256(builtExecutable("linux-x64")));

    const installed = tree.state();
    const added = Object.keys(installed).filter((path) => !(path in before));
    const brought = (await done(tree, "dpkg", "-L", name)).split("\n");
    expect(added.filter((path) => !brought.includes(path))).toEqual([]);
    expect(added.filter((path) => !/^\/usr\/(bin|share\/(doc|man|lintian))\//.test(path))).toEqual([]);

    await done(tree, "dpkg", "-i", newDeb);
    expect(tree.state()).toEqual(installed);
    await done(tree, "dpkg", "-r", name);
    expect(tree.state()).toEqual(before);
    expect((await tree.run("dpkg-query", "-W", name)).status).toBe(1);
  });

  test("upgraded and downgraded: the files are those of the version", async () => {
    const tree = makeTree();
    await done(tree, "dpkg", "-i", oldDeb);
    const older = tree.state();
    await done(tree, "dpkg", "-i", newDeb);
    expect(await installedVersion(tree)).toEndWith(`${version}-1`);
    expect(sha256(tree.root + executable)).toBe(sha256(builtExecutable("linux-x64")));
    const back = await tree.run("dpkg", "-i", oldDeb);
    expect({ status: back.status, state: tree.state() }).toEqual({ status: 0, state: older });
  });

  test(`killed ${KILLS} times at an upgrade and at a removal: run again, it finishes, and the executable was always whole`, async () => {
    const tree = makeTree();
    const before = tree.state();
    await done(tree, "dpkg", "-i", oldDeb);
    const hashes = [sha256(tree.root + executable)];
    const started = Date.now();
    await done(tree, "dpkg", "-i", newDeb);
    const ms = Date.now() - started;
    const installed = tree.state();
    hashes.push(sha256(tree.root + executable));
    let kills = 0;
    for (let run = 0; run < KILLS; run++) {
      expect((await tree.run("dpkg", "-i", oldDeb)).status).toBe(0);
      if (await tree.runKilled((ms * (run + 0.5)) / KILLS, "dpkg", "-i", newDeb)) kills++;
      expect(hashes).toContain(sha256(tree.root + executable));
      await done(tree, "dpkg", "-i", newDeb);
      expect({ run, verified: await done(tree, "dpkg", "--verify", name) }).toEqual({ run, verified: "" });
    }
    expect(tree.state()).toEqual(installed);
    expect(kills).toBeGreaterThan(KILLS / 2);
    for (const part of [20, 60, 120, 240]) {
      await tree.runKilled(part, "dpkg", "-P", name);
      if (existsSync(tree.root + executable)) expect(hashes).toContain(sha256(tree.root + executable));
    }
    await tree.run("dpkg", "-P", name);
    expect(tree.state()).toEqual(before);
  });
});
