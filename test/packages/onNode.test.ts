import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { debNode } from "../install/support/nodeTree.ts";
import { debOf, isPrepared, name, OLD_VERSION } from "./support/built.ts";
import { makeTree, NEW, OLD, type Ran, type Tree } from "./support/tree.ts";

const newDeb = `${NEW}/${debOf("amd64")}`;
const oldDeb = `${OLD}/${debOf("amd64", OLD_VERSION)}`;
const folder = "/usr/local/lib/credential-providers";
const copy = `${folder}/${name}`;
const installed = { status: 0, stderr: "" };

let tree: Tree;
const node = (...args: string[]): Promise<Ran> => tree.run(name, "node", ...args, "--profile", "kubeadm");
const install = (...args: string[]) => node("install", "--kubernetes", "1.34.4", ...args);

/** A node as the official deb of Kubernetes leaves it; no kubelet runs. */
function prepare(): void {
  tree = makeTree();
  for (const [path, text] of Object.entries(debNode)) tree.write(path, text);
}

describe.skipIf(!isPrepared)("a node where node install was run from the package", () => {
  let before: Record<string, string>;
  beforeAll(async () => {
    prepare();
    before = tree.state();
    expect(await tree.run("dpkg", "-i", newDeb)).toMatchObject(installed);
    expect(await install()).toMatchObject(installed);
  });

  test("an upgrade leaves the kubelet's copy as it is, and says how it gets the new one", async () => {
    const version = () => tree.run(copy, "--version");
    const own = await version();
    const { stdout } = await tree.run("dpkg", "-i", oldDeb);
    expect(stdout).toContain("the kubelet goes on with the copy that it has");
    expect(stdout).toContain(`  sudo ${name} node install\n`);
    expect(await version()).toEqual(own);
    expect(await tree.run("dpkg", "-i", newDeb)).toMatchObject(installed);
  });

  test("without the package the kubelet's copy works, and takes itself off the node", async () => {
    const { status, stdout } = await tree.run("dpkg", "-P", name);
    expect(status).toBe(0);
    expect(stdout).toContain("the kubelet goes on with its own copy");
    const command = /sudo (.* node uninstall)/.exec(stdout)?.[1] ?? "";
    expect(command).toBe(`${copy} node uninstall`);
    const state = await tree.run(copy, "node", "status", "--output", "json", "--kubernetes", "1.34.4");
    expect(JSON.parse(state.stdout)).toMatchObject({ isInstalled: true, isWired: true });
    expect(await tree.run(...command.split(" "), "--kubernetes", "1.34.4")).toMatchObject(installed);
    const lock = `/run/${name}-install.lock`;
    const { [lock]: _, ...after } = tree.state();
    expect(after).toEqual(before);
  });
});

describe.skipIf(!isPrepared)("a kubelet that runs the package's own file", () => {
  beforeAll(async () => {
    prepare();
    expect(await tree.run("dpkg", "-i", newDeb)).toMatchObject(installed);
    expect(await install("--bin-dir", "/usr/bin")).toMatchObject(installed);
  });
  afterAll(() => chmodSync(`${tree.root}/usr/bin`, 0o755));

  test("keeps it: the removal is refused, with what to do first", async () => {
    const { status, stderr } = await tree.run("dpkg", "-P", name);
    expect(status).toBe(1);
    expect(stderr).toContain(`not removed, because the kubelet runs this file (/usr/bin/${name})`);
    expect(stderr).toContain(`  sudo ${name} node uninstall\n`);
    expect((await tree.run("dpkg-query", "-W", "-f", `\${Status}`, name)).stdout).toBe("purge ok installed");
    expect(await tree.run("dpkg", "--verify", name)).toMatchObject({ ...installed, stdout: "" });
  });

  test("an upgrade is not refused", async () => {
    expect(await tree.run("dpkg", "-i", newDeb)).toMatchObject(installed);
  });

  test("and after node uninstall, which leaves the package's file, it is removed", async () => {
    expect(await node("uninstall", "--kubernetes", "1.34.4")).toMatchObject(installed);
    expect(await tree.run(name, "--version")).toMatchObject(installed);
    expect(await tree.run("dpkg", "-P", name)).toMatchObject(installed);
  });
});
