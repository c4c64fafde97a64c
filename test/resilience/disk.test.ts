import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { type TestNode, testNode } from "../support/node.ts";
import { acceptedPassword, accessKey, corpEntry, IMAGE, leftovers } from "./nodes.ts";

let cloud: Cloud;
let node: TestNode;

beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());
beforeEach(() => {
  node = testNode(cloud, { registries: [corpEntry], identity: accessKey });
  cloud.reset();
  mkdirSync(node.cacheDirectory, { mode: 0o700 });
});
afterEach(() => {
  Bun.spawnSync(["umount", node.cacheDirectory], { stderr: "ignore" });
  node.remove();
});

function mount(options: string): boolean {
  const command = ["mount", "-t", "tmpfs", "-o", `mode=0700,${options}`, "tmpfs", node.cacheDirectory];
  return Bun.spawnSync(command, { stderr: "ignore" }).exitCode === 0;
}

const mayMount = (() => {
  const directory = `/tmp/acr-may-mount-${process.pid}`;
  mkdirSync(directory);
  const may =
    Bun.spawnSync(["mount", "-t", "tmpfs", "tmpfs", directory], { stderr: "ignore" }).exitCode === 0;
  if (may) Bun.spawnSync(["umount", directory]);
  Bun.spawnSync(["rmdir", directory]);
  return may;
})();

describe.skipIf(!mayMount)("30 processes at once on a node (needs root, to mount)", () => {
  const disks: [string, () => void][] = [
    [
      "whose cache file system is full",
      () => {
        mount("size=16k");
        writeFileSync(`${node.cacheDirectory}/domains-ZmlsbGVy.json`, "x".repeat(16 * 1024));
      },
    ],
    ["whose cache file system has room for a lock and not for a token", () => onePageLeft()],
    ["whose cache file system has no inode left", () => mount("size=1m,nr_inodes=2")],
    ["whose cache file system is read-only", () => mount("size=1m,ro")],
  ];
  test.each(disks)(
    "%s: every one gets a token, and the log says why it was not kept",
    async (_name, make) => {
      make();
      const results = await Promise.all(Array.from({ length: 30 }, () => node.pull(IMAGE)));
      for (const result of results) acceptedPassword(cloud, result);
      expect(cloud.calls("GetAuthorizationToken").length).toBeLessThanOrEqual(30);
      expect(
        node.log().some(({ warnings }) => /unable to (lock|write) the cache/.test(String(warnings))),
      ).toBe(true);
      expect(leftovers(node.cacheDirectory).filter((name) => name !== "domains-ZmlsbGVy.json")).toEqual([]);
    },
    60_000,
  );

  /** A page for the lock, which is linked and not copied, and half of what an entry needs. */
  function onePageLeft(): void {
    mount("size=8k");
    writeFileSync(`${node.cacheDirectory}/domains-ZmlsbGVy.json`, "x".repeat(4096));
  }
});
