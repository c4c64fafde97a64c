import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { targets } from "../../scripts/release/targets.ts";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { runExecutable } from "../support/executable.ts";
import { testNode } from "../support/node.ts";

const IMAGE = "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web";
const built = (target: string) => `${root}dist/aliyun-acr-credential-provider-${target}`;

/** A CPU of 2008 with SSE4.2 and without AVX; and a processor that this machine does not have. */
const arm64Libraries = "/usr/aarch64-linux-gnu";
const emulated = [
  {
    what: "a CPU without AVX (Nehalem)",
    emulator: "qemu-x86_64-static",
    options: ["-cpu", "Nehalem"],
    target: "linux-x64",
    needs: "/",
  },
  {
    what: "arm64",
    emulator: "qemu-aarch64-static",
    options: ["-L", arm64Libraries],
    target: "linux-arm64",
    needs: arm64Libraries,
  },
] as const;

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

describe.each([...emulated])("on $what", ({ emulator, options, target, needs }) => {
  const path = `${root}.cache/release/on-${target}`;
  const missing = Bun.which(emulator) === null || !existsSync(needs);

  beforeAll(() => {
    const command = [Bun.which(emulator), ...options, built(target)].join(" ");
    writeFileSync(path, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  });

  test.skipIf(missing)(`the main job is done (needs ${emulator})`, async () => {
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

  test.skipIf(missing)(`a request that is not one is refused in words (needs ${emulator})`, async () => {
    const { status, stderr } = await runExecutable({ path, stdin: "{" });
    expect(status).toBe(2);
    expect(stderr).toContain("CredentialProviderRequest");
  });
});
