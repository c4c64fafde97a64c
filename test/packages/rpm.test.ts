import { beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { nfpm } from "../../scripts/packages/buildPackages.ts";
import {
  builtExecutable,
  isPrepared,
  name,
  newPackages,
  OLD_VERSION,
  oldPackages,
  rpmOf,
  version,
} from "./support/built.ts";
import { makeTree, run, sha256, type Tree } from "./support/tree.ts";

const executable = `/usr/bin/${name}`;
const newRpm = `${newPackages}/${rpmOf("x86_64")}`;
const oldRpm = `${oldPackages}/${rpmOf("x86_64", OLD_VERSION)}`;

/** What an rpm distribution's own packages provide; the files that are meant are those of the Debian tree. */
const distribution = `name: distribution
arch: amd64
version: 1.0.0
provides: ["libc.so.6(GLIBC_2.17)(64bit)", /bin/sh]
contents: [{dst: /usr/share/licenses, type: dir}]
`;
let distributionRpm: string;

/** This machine's rpm on a tree with a database of its own. It enters the tree to run the package's scripts. */
const rpm = (tree: Tree, ...args: string[]) =>
  run("rpm", ...args, ...forDebian(args), "--root", tree.root, "--dbpath", "/var/lib/rpm");

/** Debian's rpm warns of itself where it installs. */
const forDebian = ([mode]: string[]) =>
  mode === "-i" || mode === "-U" || mode === "-e" ? ["--force-debian"] : [];

async function done(tree: Tree, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await rpm(tree, ...args);
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: "" });
  return stdout;
}

async function rpmTree(): Promise<Tree> {
  const tree = makeTree();
  await done(tree, "--initdb");
  return tree;
}

describe.skipIf(!isPrepared)(
  "the rpm, in a tree with an rpm database (npm run test:packages prepares it)",
  () => {
    beforeAll(async () => {
      const folder = mkdtempSync(`${tmpdir()}/acr-distribution-`);
      writeFileSync(`${folder}/nfpm.yaml`, distribution);
      distributionRpm = "/mnt/distribution.rpm";
      makeTree();
      const made = await run(nfpm, "package", "-f", `${folder}/nfpm.yaml`, "-t", distributionRpm);
      rmSync(folder, { recursive: true });
      expect(made).toMatchObject({ status: 0, stderr: "" });
    });

    test("its digests are right, and it is refused where the C library is missing or too old", async () => {
      expect((await run("rpm", "-K", "--nosignature", newRpm)).stdout).toContain("digests OK");
      const tree = await rpmTree();
      const { status, stderr } = await rpm(tree, "-i", "--test", newRpm);
      expect(status).not.toBe(0);
      expect(stderr).toContain(`libc.so.6(GLIBC_2.17)(64bit) is needed by ${name}-${version}-1.x86_64`);
    });

    test("tested, installed, verified and erased: what it brings is there, and then nothing of it", async () => {
      const tree = await rpmTree();
      await done(tree, "-i", distributionRpm);
      const before = tree.state();
      await done(tree, "-i", "--test", newRpm);
      expect(tree.state()).toEqual(before);
      const said = await done(tree, "-i", newRpm);
      expect(said).toContain("the kubelet is unchanged");
      expect(said).toContain(`  sudo ${name} node install\n`);
      expect(await done(tree, "-V", name)).toBe("");
      expect(await tree.run(name, "--version")).toMatchObject({ status: 0, stderr: "" });
      expect(sha256(tree.root + executable)).toBe(sha256(builtExecutable("linux-x64")));
      const added = Object.keys(tree.state()).filter((path) => !(path in before));
      const brought = (await done(tree, "-ql", name)).split("\n");
      expect(added.filter((path) => !brought.includes(path))).toEqual([]);
      await done(tree, "-e", name);
      expect(tree.state()).toEqual(before);
    });

    test("rpm sees an executable that was changed since", async () => {
      const tree = await rpmTree();
      await done(tree, "-i", distributionRpm, oldRpm);
      tree.write(executable, "#!/bin/sh\n");
      expect((await rpm(tree, "-V", name)).stdout).toMatch(
        /^S.5.*\/usr\/bin\/aliyun-acr-credential-provider$/m,
      );
    });

    test("upgraded: nothing of the older version stays, and no script of it says that it is removed", async () => {
      const tree = await rpmTree();
      await done(tree, "-i", distributionRpm);
      const before = tree.state();
      await done(tree, "-i", newRpm);
      const fresh = tree.state();
      await done(tree, "-e", name);
      await done(tree, "-i", oldRpm);
      const said = await done(tree, "-U", newRpm);
      expect(said).not.toContain("uninstall");
      expect(tree.state()).toEqual(fresh);
      expect(await done(tree, "-q", name)).toBe(`${name}-${version}-1.x86_64\n`);
      await done(tree, "-e", name);
      expect(tree.state()).toEqual(before);
    });
  },
);
