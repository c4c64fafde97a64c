import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { targets } from "../../scripts/release/targets.ts";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { buildHarness } from "../kubelet/setup/build.ts";
import { goMissing } from "../kubelet/setup/machine.ts";
import { type Release, releases } from "../kubelet/setup/releases.ts";
import { runExecutable } from "../support/executable.ts";
import { testNode } from "../support/node.ts";
import { oldestTree, oldestTreeMissing, runInOldestTree } from "./support/oldestTree.ts";

const IMAGE = "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web";
const built = (target: string) => `${root}dist/aliyun-acr-credential-provider-${target}`;

/** A CPU of 2008 with SSE4.2 and without AVX; a processor that this machine does not have; and a host of 2016. */
const arm64Libraries = "/usr/aarch64-linux-gnu";
const hosts = [
  {
    what: "a CPU without AVX (Nehalem)",
    target: "linux-x64",
    missing: () => emulatorMissing("qemu-x86_64-static", "/"),
    wrap: (path: string, executable: string) =>
      emulate(path, ["qemu-x86_64-static", "-cpu", "Nehalem"], executable),
  },
  {
    what: "arm64",
    target: "linux-arm64",
    missing: () => emulatorMissing("qemu-aarch64-static", arm64Libraries),
    wrap: (path: string, executable: string) =>
      emulate(path, ["qemu-aarch64-static", "-L", arm64Libraries], executable),
  },
  {
    what: "Ubuntu 16.04, with glibc 2.23",
    target: "linux-x64",
    missing: oldestTreeMissing,
    wrap: runInOldestTree,
  },
] as const;

/** Where the program is written to that runs the executable on such a host. */
const pathOn = (what: string) => `${root}.cache/release/on-${what.replaceAll(/\W+/g, "-")}`;

function emulatorMissing(emulator: string, libraries: string): string | undefined {
  if (Bun.which(emulator) === null) return `${emulator} is missing`;
  return existsSync(libraries) ? undefined : `${libraries} is missing`;
}

/** Writes a program to `path` that runs the executable in an emulator. */
function emulate(path: string, [emulator = "", ...options]: readonly string[], executable: string): void {
  const command = [Bun.which(emulator), ...options, executable].join(" ");
  writeFileSync(path, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
}

describe.each([...targets])("%s", (target) => {
  const readelf = (option: string) =>
    spawnSync("readelf", ["--wide", option, built(target)], { encoding: "utf8" }).stdout;

  test.skipIf(Bun.which("readelf") === null)("needs no symbol newer than glibc 2.17 (needs readelf)", () => {
    const needs = readelf("--version-info").split("Version needs section")[1] ?? "";
    const versions = [...needs.matchAll(/Name: (\w+?)_([\d.]+)/g)];
    expect(versions.length).toBeGreaterThan(0);
    for (const [, of, version = ""] of versions) {
      expect(of).toBe("GLIBC");
      expect(Bun.semver.order(threeParts(version), "2.17.0")).toBeLessThanOrEqual(0);
    }
  });

  test.skipIf(Bun.which("readelf") === null)("needs libraries of glibc only (needs readelf)", () => {
    const needed = [...readelf("--dynamic").matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name).sort();
    const loader = target === "linux-x64" ? "ld-linux-x86-64.so.2" : "ld-linux-aarch64.so.1";
    expect(needed).toEqual([loader, "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0"]);
  });
});

const threeParts = (version: string) => [...version.split("."), "0", "0"].slice(0, 3).join(".");

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

describe.each([...hosts])("on $what", ({ what, target, missing, wrap }) => {
  const path = pathOn(what);
  const reason = missing();
  const why = reason ? ` (${reason})` : "";
  beforeAll(() => wrap(path, built(target)));

  test.skipIf(reason !== undefined)(`the main job is done${why}`, async () => {
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
    if (process.arch === "x64") expect(await again(built("linux-x64"))).toEqual(auth);
    expect(cloud.requests.length).toBe(asked);
    node.remove();
  });

  test.skipIf(reason !== undefined)(`a request that is not one is refused in words${why}`, async () => {
    const { status, stderr } = await runExecutable({ path, stdin: "{" });
    expect(status).toBe(2);
    expect(stderr).toContain("CredentialProviderRequest");
  });
});

const newest = releases.at(-1) as Release;
const arm64 = hosts[1];
const groupMissing = goMissing() ?? arm64.missing();
test.skipIf(groupMissing !== undefined)(
  `kubelet ${newest.version} gets its answers on arm64${groupMissing ? ` (${groupMissing})` : ""}`,
  async () => {
    await buildHarness(newest);
    const path = pathOn(arm64.what);
    arm64.wrap(path, built(arm64.target));
    // Not the herd: thirty emulated starts at once take longer than the plugin's own limit.
    const groups = ["answers", "caching", "failure", "registration", "serviceAccounts"];
    const files = groups.map((group) => `./test/kubelet/plugin/${group}.test.ts`);
    const command = ["test", "--parallel", "--timeout=180000", "-t", `kubelet ${newest.version}`, ...files];
    const env = { ...process.env, ACR_TEST_KUBELET: "1", ACR_TEST_EXECUTABLE: path };
    const { status, stderr } = spawnSync(process.execPath, command, { cwd: root, env, encoding: "utf8" });
    const failed = stderr.split("\n").filter((line) => line.startsWith("(fail)"));
    expect({ status, failed }).toEqual({ status: 0, failed: [] });
    expect(stderr).toMatch(/ [1-9]\d pass\n/);
  },
);

const treeMissing = oldestTreeMissing();
test.skipIf(treeMissing !== undefined)(
  `the tree has glibc 2.23${treeMissing ? ` (${treeMissing})` : ""}`,
  () => {
    const { stdout } = spawnSync("chroot", [oldestTree, "/lib/x86_64-linux-gnu/libc.so.6"], {
      encoding: "utf8",
    });
    expect(stdout).toContain("stable release version 2.23");
  },
);
