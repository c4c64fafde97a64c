import { afterEach, expect } from "bun:test";
import { statSync } from "node:fs";
import { parse } from "yaml";
import { executable } from "../../support/executable.ts";
import { type NodeTree, nodeTree } from "./nodeTree.ts";

export const NAME = "aliyun-acr-credential-provider";
export const BIN = "/usr/local/lib/credential-providers";
export const CONFIG = "/etc/kubernetes/credential-provider.yaml";
export const FLAGS = `--image-credential-provider-bin-dir=${BIN} --image-credential-provider-config=${CONFIG}`;

/** The tree of the test that runs. */
export let tree: NodeTree;

/** Makes it; it is removed after the test. */
export function useTree(files: Readonly<Record<string, string>>): void {
  tree = nodeTree(files);
  trees.push(tree);
}

const trees: NodeTree[] = [];

/** Removes the trees of each test of a file. */
export function removeTrees(): void {
  afterEach(() => {
    for (const each of trees.splice(0)) each.remove();
  });
}

/** A command of `node` that succeeds and complains of nothing. @returns what it prints. */
export async function done(command: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await tree.node(command, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

/** One that fails and changes nothing. @returns what it complains of. */
export async function refused(command: string, ...args: string[]): Promise<string> {
  const before = tree.state();
  const { status, stdout, stderr } = await tree.node(command, ...args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(tree.state()).toEqual(before);
  return stderr;
}

/** The names of the providers in a config. */
export const names = (path: string) =>
  parse(tree.read(path)).providers.map(({ name }: { name: string }) => name);

/** Installs, installs again, and takes it away: nothing is left, and the second time nothing was changed. */
export async function comesAndGoes(profile: string, binDir: string, config: string): Promise<void> {
  const before = tree.state();
  expect(await done("install", "--dry-run")).toContain("would be installed");
  expect(tree.state()).toEqual(before);
  const said = await done("install");
  expect(said).toStartWith(`profile: ${profile} (`);
  expect(said).toContain(`executable: ${binDir}/${NAME}: installed\n`);
  const { mode, uid, size } = statSync(`${tree.root}${binDir}/${NAME}`);
  expect({ mode: mode & 0o7777, uid, size }).toEqual({
    mode: 0o755,
    uid: 0,
    size: statSync(executable).size,
  });
  expect(names(config)).toContain(NAME);
  const state = JSON.parse(await done("status", "--output", "json"));
  expect(state).toMatchObject({
    profile,
    isInstalled: true,
    isWired: profile !== "files",
    isRunning: false,
    isUnfinished: false,
  });
  expect(state.executable).toEqual({
    path: `${binDir}/${NAME}`,
    state: "installed",
    version: expect.stringContaining("0.1.0"),
  });
  const installed = tree.state();
  expect(await done("install")).toContain(
    `executable: ${binDir}/${NAME}: unchanged\nprovider: ${config}: unchanged\nkubelet:`,
  );
  expect(tree.state()).toEqual(installed);
  expect(await done("uninstall", "--dry-run")).toContain("would be removed");
  expect(tree.state()).toEqual(installed);
  await done("uninstall");
  expect(tree.state()).toEqual(before);
  expect(await done("uninstall")).toBe("nothing of it is installed here\n");
}
