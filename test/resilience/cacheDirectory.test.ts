import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { entryPath } from "../../src/cache/fileCache.ts";
import { checksum } from "../../src/text/digest.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { acceptedPassword, accessKey, callCounts, corpEntry, IMAGE } from "./nodes.ts";

const native = { identity: accessKey, registries: [corpEntry] };
const at = useSimulatedNode(native);
const LONG_AGO = new Date("2020-01-01");

function cacheIn(directory: string): void {
  at.node.configure({ ...native, cache: { directory } });
}

/** Pulls, and expects the directory to be as it was, a warning in the log and one of `config validate --node`. */
async function expectUnused(directory: string, words: string): Promise<void> {
  const before = [statSync(directory).mode, readdirSync(directory).sort()];
  acceptedPassword(at.cloud, await at.node.pull(IMAGE));
  expect([statSync(directory).mode, readdirSync(directory).sort()]).toEqual(before);
  expect(String(at.node.log().at(-1)?.warnings)).toContain(words);
  const { status, stdout } = await at.node.run(["config", "validate", "--node"]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^warning: line \d+: cache.directory: is not used/m);
  expect(stdout).toContain(words);
}

describe("a directory that is not the cache's own", () => {
  const foreign = [
    "admin.conf",
    "old.tmp",
    "held.lock",
    "token-x.json.bak",
    "tokens.json",
    ".hidden",
    "token-webhook.json",
    "session-store.json",
    "instance-data.json",
    "region-config.json.lock",
  ];
  for (const name of foreign) {
    test(`with a file ${name} in it is left as it is`, async () => {
      const directory = `${at.node.directory}/kubernetes`;
      mkdirSync(directory, { mode: 0o755 });
      writeFileSync(`${directory}/${name}`, "precious");
      utimesSync(`${directory}/${name}`, LONG_AGO, LONG_AGO);
      cacheIn(directory);
      await expectUnused(directory, name);
    });
  }

  test("below a folder that others can write to is not used", async () => {
    const folder = `${at.node.directory}/shared`;
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    mkdirSync(`${folder}/cache`, { mode: 0o700 });
    cacheIn(`${folder}/cache`);
    await expectUnused(`${folder}/cache`, "writable by group or others");
  });

  test.if(process.getuid?.() === 0)("below another user's folder is not used (as root only)", async () => {
    const folder = `${at.node.directory}/home`;
    mkdirSync(folder);
    chownSync(folder, 12_345, 12_345);
    mkdirSync(`${folder}/cache`, { mode: 0o700 });
    cacheIn(`${folder}/cache`);
    await expectUnused(`${folder}/cache`, "belongs to user 12345");
  });

  const links: [string, (home: string) => string][] = [
    ["its link", (home) => `${home}/link`],
    ["a link to its link", (home) => `${home}-link`],
  ];
  for (const [name, way] of links) {
    test.if(process.getuid?.() === 0)(
      `behind another user's folder, by ${name}, is not used (as root only)`,
      async () => {
        const home = `${at.node.directory}/home`;
        const directory = `${at.node.directory}/root/cache`;
        mkdirSync(directory, { recursive: true, mode: 0o755 });
        mkdirSync(home);
        symlinkSync(`${at.node.directory}/root`, `${home}/link`);
        symlinkSync("home/link", `${home}-link`);
        chownSync(home, 12_345, 12_345);
        cacheIn(`${way(home)}/cache`);
        await expectUnused(directory, "belongs to user 12345");
      },
    );
  }

  test.if(process.getuid?.() === 0)(
    "by another user's link in a sticky folder is not used (as root only)",
    async () => {
      const folder = `${at.node.directory}/sticky`;
      const directory = `${at.node.directory}/root/cache`;
      mkdirSync(directory, { recursive: true, mode: 0o755 });
      mkdirSync(folder);
      chmodSync(folder, 0o1777);
      symlinkSync("../root", `${folder}/link`);
      lchownSync(`${folder}/link`, 12_345, 12_345);
      cacheIn(`${folder}/link/cache`);
      await expectUnused(directory, "belongs to user 12345");
    },
  );

  test("behind links in a circle is not used", async () => {
    symlinkSync("b", `${at.node.directory}/a`);
    symlinkSync("a", `${at.node.directory}/b`);
    cacheIn(`${at.node.directory}/a/cache`);
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    expect(String(at.node.log().at(-1)?.warnings)).toContain("leads in a circle");
  });

  test("is made with the folders above it, and found by dots and root's links", async () => {
    symlinkSync(".", `${at.node.directory}/here`);
    cacheIn(`${at.node.directory}/here/./new/folder/../folder/cache`);
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    expect(at.node.log().map(({ cache }) => cache)).toEqual(["miss", "hit"]);
    expect(statSync(`${at.node.directory}/new/folder/cache`).mode & 0o777).toBe(0o700);
  });

  test("is found behind links once, whatever they lead to later", async () => {
    mkdirSync(`${at.node.directory}/first`);
    mkdirSync(`${at.node.directory}/second/cache`, { recursive: true, mode: 0o700 });
    symlinkSync(`${at.node.directory}/first`, `${at.node.directory}/link`);
    cacheIn(`${at.node.directory}/link/cache`);
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "delay", ms: 1500 });
    const pull = at.node.pull(IMAGE);
    const isAsking = () => at.cloud.requests.length > 0;
    for (let waited = 0; !isAsking() && waited < 5000; waited += 10) await Bun.sleep(10);
    unlinkSync(`${at.node.directory}/link`);
    symlinkSync(`${at.node.directory}/second`, `${at.node.directory}/link`);
    acceptedPassword(at.cloud, await pull);
    expect(readdirSync(`${at.node.directory}/first/cache`).some((name) => name.startsWith("token-"))).toBe(
      true,
    );
    expect(readdirSync(`${at.node.directory}/second/cache`)).toEqual([]);
  });

  test("but merely readable by others is closed to them and used", async () => {
    mkdirSync(at.node.cacheDirectory, { mode: 0o755 });
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    expect(statSync(at.node.cacheDirectory).mode & 0o777).toBe(0o700);
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    expect(at.node.log().at(-1)?.cache).toBe("hit");
  });
});

describe("commands that only look", () => {
  for (const args of [
    ["explain", IMAGE],
    ["cache", "list"],
    ["config", "validate", "--node"],
    ["kubelet-config"],
  ]) {
    test(`${args.join(" ")} makes no directory`, async () => {
      await at.node.run(args);
      expect(existsSync(at.node.cacheDirectory)).toBe(false);
    });

    test(`${args.join(" ")} changes nothing about one`, async () => {
      mkdirSync(at.node.cacheDirectory, { mode: 0o755 });
      writeFileSync(`${at.node.cacheDirectory}/failure-b25l.json`, "", { mode: 0o600 });
      utimesSync(`${at.node.cacheDirectory}/failure-b25l.json`, LONG_AGO, LONG_AGO);
      await at.node.run(args);
      expect(statSync(at.node.cacheDirectory).mode & 0o777).toBe(0o755);
      expect(readdirSync(at.node.cacheDirectory)).toEqual(["failure-b25l.json"]);
    });
  }
});

describe("invented hosts", () => {
  test("cost one listing a minute and leave no entry each", async () => {
    at.node.configure({ identity: accessKey });
    for (let index = 0; index < 60; index++) {
      const { status, stderr } = await at.node.pull(`x${index}-registry.cn-hangzhou.cr.aliyuncs.com/a/b`);
      expect(status).toBe(1);
      expect(stderr).toContain(`this account has no instance named x${index} in cn-hangzhou`);
    }
    expect(callCounts(at.cloud)).toEqual({ ListInstance: 1 });
    expect(readdirSync(at.node.cacheDirectory).length).toBeLessThan(5);
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
  });

  test("are an outage, not unknown, when the list is old and cannot be had", async () => {
    at.node.configure({ identity: accessKey, timeouts: { total: "3s", request: "1s" } });
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    const [file = ""] = readdirSync(at.node.cacheDirectory).filter((name) => name.startsWith("instance-"));
    const [, body = ""] = readFileSync(`${at.node.cacheDirectory}/${file}`, "utf8").split("\n");
    const older = { ...JSON.parse(body), storedAt: Date.now() - 120_000 };
    const text = JSON.stringify(older);
    writeFileSync(`${at.node.cacheDirectory}/${file}`, `${checksum(text)}\n${text}`, { mode: 0o600 });
    at.cloud.faults.set({ operation: "ListInstance", kind: "status", status: 503 });
    const { stderr } = await at.node.pull("unknown-registry.cn-hangzhou.cr.aliyuncs.com/a/b");
    expect(stderr).toContain("code ServiceUnavailable");
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
  });

  test("of an identity that may not list leave no entry each either", async () => {
    at.node.configure({ identity: accessKey });
    at.cloud.faults.set({ operation: "ListInstance", kind: "error", code: "NoPermission", status: 403 });
    for (let index = 0; index < 30; index++) {
      const { stderr } = await at.node.pull(`x${index}-registry.cn-hangzhou.cr.aliyuncs.com/a/b`);
      expect(stderr).toContain(`instanceName: x${index},`);
    }
    expect(readdirSync(at.node.cacheDirectory).length).toBeLessThan(5);
  });

  test("in invented regions leave a bounded number of entries, and cost the node no token", async () => {
    const native = { identity: accessKey, registries: [corpEntry], discovery: "always" };
    at.node.configure(native);
    const password = acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    const [token = ""] = readdirSync(at.node.cacheDirectory);
    const before = new Date(Date.now() - 10 * 60_000);
    utimesSync(`${at.node.cacheDirectory}/${token}`, before, before);
    for (let index = 0; index < 2500; index++) {
      writeFileSync(entryPath(at.node.cacheDirectory, "instance", `region ${index}`), "", {
        mode: 0o600,
      });
    }
    expect((await at.node.pull("x-registry.cn-nowhere.cr.aliyuncs.com/a/b")).status).toBe(1);
    expect(readdirSync(at.node.cacheDirectory).length).toBeLessThan(260);
    expect(acceptedPassword(at.cloud, await at.node.pull(IMAGE))).toBe(password);
    expect(at.node.log().at(-1)?.cache).toBe("hit");
  });

  test("a directory full of what is over is tidied, a part at a time", async () => {
    at.node.configure({ identity: accessKey, cache: { directory: at.node.cacheDirectory } });
    mkdirSync(at.node.cacheDirectory, { mode: 0o700 });
    for (let index = 0; index < 12_000; index++) {
      const file = entryPath(at.node.cacheDirectory, "failure", String(index));
      writeFileSync(file, "", { mode: 0o600 });
      utimesSync(file, LONG_AGO, LONG_AGO);
    }
    const regions: Record<number, string> = { 8000: "cn-beijing", 4000: "cn-shanghai", 0: "cn-shenzhen" };
    for (const left of [8000, 4000, 0]) {
      const { ms } = await at.node.pull(`x-registry.${regions[left]}.cr.aliyuncs.com/a/b`);
      expect(ms).toBeLessThan(3000);
      // The few that the pulls themselves keep are looked at as well.
      expect(
        readdirSync(at.node.cacheDirectory).filter((name) => name.startsWith("failure-")).length,
      ).toBeLessThanOrEqual(left + 10);
    }
  });
});
