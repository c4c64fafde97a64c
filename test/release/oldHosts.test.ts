import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { root } from "../../scripts/project.ts";
import { builtPath } from "../../scripts/release/releaseFolder.ts";
import { builds } from "../../scripts/release/targets.ts";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { buildHarness } from "../kubelet/setup/build.ts";
import { goMissing } from "../kubelet/setup/machine.ts";
import { pluginTests } from "../kubelet/setup/pluginTests.ts";
import { type Release, releases } from "../kubelet/setup/releases.ts";
import { runExecutable } from "../support/executable.ts";
import { testNode } from "../support/node.ts";
import { hosts, pathOn, runOn } from "./support/hosts.ts";
import { commandInTree, oldTreeMissing } from "./support/oldTrees.ts";

const IMAGE = "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web";
/** By runtime: the newest version of each set of symbols that is needed, and the libraries. */
const needs = {
  bun: { newest: { GLIBC: "2.17.0" }, libraries: [] },
  node: {
    newest: { GLIBC: "2.28.0", GLIBCXX: "3.4.21", CXXABI: "1.3.11", GCC: "3.4.0" },
    libraries: ["libgcc_s.so.1", "libstdc++.so.6"],
  },
} as const;

describe.each(builds)("$title", ({ target, runtime }) => {
  const readelf = (option: string) =>
    spawnSync("readelf", ["--wide", option, builtPath(target, runtime)], { encoding: "utf8" }).stdout;
  const newest: Readonly<Record<string, string>> = needs[runtime].newest;
  const words = Object.entries(newest).map(([set, version]) => `${set} ${version}`);

  test.skipIf(Bun.which("readelf") === null)(`no newer symbol than of ${words} (readelf)`, () => {
    const symbols = readelf("--version-info").split("Version needs section")[1] ?? "";
    const versions = [...symbols.matchAll(/Name: (\w+?)_([\d.]+)/g)];
    expect(versions.length).toBeGreaterThan(0);
    for (const [, set = "", version = ""] of versions) {
      expect(newest).toHaveProperty(set);
      expect(Bun.semver.order(threeParts(version), newest[set] ?? "")).toBeLessThanOrEqual(0);
    }
  });

  test.skipIf(Bun.which("readelf") === null)("needs no other library than these (readelf)", () => {
    const needed = [...readelf("--dynamic").matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name).sort();
    const loader = target === "linux-x64" ? "ld-linux-x86-64.so.2" : "ld-linux-aarch64.so.1";
    const glibc = [loader, "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0"];
    expect(needed).toEqual([...glibc, ...needs[runtime].libraries].sort());
  });
});

const threeParts = (version: string) => [...version.split("."), "0", "0"].slice(0, 3).join(".");

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

describe.each(hosts)("on $what", (host) => {
  const { runtime } = host;
  const path = pathOn(host);
  const missing = host.missing();
  const why = missing === undefined ? "" : ` (${missing})`;
  beforeAll(() => runOn(host));

  test.skipIf(missing !== undefined)(`the main job is done${why}`, async () => {
    const node = testNode(cloud);
    const first = await node.pull(IMAGE, { path });
    expect({ status: first.status, stderr: first.stderr }).toEqual({ status: 0, stderr: "" });
    const { auth } = JSON.parse(first.stdout);
    const again = async (path: string) => JSON.parse((await node.pull(IMAGE, { path })).stdout).auth;
    expect(Object.values(auth)).toEqual([{ username: "cr_temp_user", password: expect.any(String) }]);
    const asked = cloud.requests.length;
    expect(asked).toBeGreaterThan(0);
    // From the cache, which the same program for this machine can read as well.
    expect(await again(path)).toEqual(auth);
    if (process.arch === "x64") expect(await again(builtPath("linux-x64", runtime))).toEqual(auth);
    expect(cloud.requests.length).toBe(asked);
    node.remove();
  });

  test.skipIf(missing !== undefined)(`a request that is not one is refused in words${why}`, async () => {
    const { status, stderr } = await runExecutable({ path, stdin: "{" });
    expect(status).toBe(2);
    expect(stderr).toContain("CredentialProviderRequest");
  });
});

const newest = releases.at(-1) as Release;
describe.each(hosts.filter(({ target }) => target === "linux-arm64"))("on $what", (host) => {
  const missing = goMissing() ?? host.missing();
  const why = missing === undefined ? "" : ` (${missing})`;

  test.skipIf(missing !== undefined)(`kubelet ${newest.version} gets its answers${why}`, async () => {
    await buildHarness(newest);
    runOn(host);
    // Not the herd: thirty emulated starts at once take longer than the plugin's own limit. Of Node.js each one takes seconds.
    const kept = host.runtime === "bun" ? /(?<!herd)\.test\.ts$/ : /answers\.test\.ts$/;
    const files = pluginTests.filter((file) => kept.test(file));
    const command = ["test", "--parallel", "--timeout=180000", "-t", `kubelet ${newest.version}`, ...files];
    const env = { ...process.env, ACR_TEST_KUBELET: "1", ACR_TEST_EXECUTABLE: pathOn(host) };
    const { status, stderr } = spawnSync(process.execPath, command, { cwd: root, env, encoding: "utf8" });
    const failed = stderr.split("\n").filter((line) => line.startsWith("(fail)"));
    expect({ status, failed }).toEqual({ status: 0, failed: [] });
    expect(stderr).toMatch(/ [1-9]\d* pass\n/);
  });
});

describe.each([
  ["xenial", "2.23"],
  ["bullseye", "2.31"],
] as const)("the tree of %s", (tree, version) => {
  const missing = oldTreeMissing(tree);
  test.skipIf(missing !== undefined)(`has glibc ${version}${missing ? ` (${missing})` : ""}`, () => {
    const command = commandInTree(tree, "/lib/x86_64-linux-gnu/libc.so.6");
    const { stdout } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
    expect(stdout).toContain(`release version ${version}`);
  });
});
