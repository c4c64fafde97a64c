import { beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { instanceCorp, keyA } from "../cloud/defaultWorld.ts";
import { leaveOfToken } from "../support/cachedToken.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const IMAGE = `${CORP}/apps/web`;
const registries = [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }];
const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };

const at = useSimulatedNode({ registries, identity });

beforeEach(() => {
  at.cloud.world.tokenLifeMs = 3_600_000;
});

function tokenCalls(): number {
  return at.cloud.calls("GetAuthorizationToken").length;
}

function cacheSeconds(stdout: string): number {
  return Number(/"cacheDuration":"(\d+)s"/.exec(stdout)?.[1]);
}

describe("tokens between runs", () => {
  test("a second pull of the same host needs no call, and neither does another repository", async () => {
    const first = await at.node.pull(IMAGE);
    const second = await at.node.pull(`${CORP}/other/image`);
    expect(JSON.parse(second.stdout).auth).toEqual(JSON.parse(first.stdout).auth);
    expect(at.cloud.requests).toHaveLength(1);
    expect(at.node.log().map(({ cache }) => cache)).toEqual(["miss", "hit"]);
  });

  test("what is kept is private", async () => {
    await at.node.pull(IMAGE);
    expect(statSync(at.node.cacheDirectory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(at.node.cacheDirectory)) {
      expect(statSync(`${at.node.cacheDirectory}/${name}`).mode & 0o777).toBe(0o600);
    }
    expect(
      readdirSync(at.node.cacheDirectory).filter((name) => name.includes(".tmp") || name.includes(".lock")),
    ).toEqual([]);
  });

  test("another identity does not get it", async () => {
    await at.node.pull(IMAGE);
    at.node.configure({ registries, identity: { source: "ecsRamRole" } });
    await at.node.pull(IMAGE);
    expect(tokenCalls()).toBe(2);
  });

  test("cache.enabled: false keeps nothing", async () => {
    at.node.configure({ registries, identity, cache: { enabled: false } });
    await at.node.pull(IMAGE);
    await at.node.pull(IMAGE);
    expect(tokenCalls()).toBe(2);
  });

  test("a token that is past half of its short life is renewed", async () => {
    at.cloud.world.tokenLifeMs = 4000;
    expect(cacheSeconds((await at.node.pull(IMAGE)).stdout)).toBeLessThanOrEqual(2);
    await at.node.pull(IMAGE);
    expect(tokenCalls()).toBe(1);
    await sleep(2100);
    await at.node.pull(IMAGE);
    expect(tokenCalls()).toBe(2);
  });

  test.each([
    ["15m of an hour", 3_600_000, {}, 2700],
    ["expiringThreshold of an hour", 3_600_000, { expiringThreshold: "30m" }, 1800],
    ["half of a token that lives 10 minutes", 600_000, {}, 300],
  ])("cacheDuration leaves %s", async (_name, life, settings, expected) => {
    at.cloud.world.tokenLifeMs = life;
    at.node.configure({ registries, identity, ...settings });
    const seconds = cacheSeconds((await at.node.pull(IMAGE)).stdout);
    expect(seconds).toBeLessThanOrEqual(expected);
    expect(seconds).toBeGreaterThan(expected - 10);
  });
});

describe("when the renewal fails", () => {
  test.each([
    ["an outage", { kind: "status", status: 503 } as const],
    ["a refusal", { kind: "error", code: "NoPermission" } as const],
  ])(
    "by %s, the kept token is handed out for at most a minute, and the log says so",
    async (_name, fault) => {
      const first = await at.node.pull(IMAGE);
      await leaveOfToken(at.node.cacheDirectory, 300_000);
      at.cloud.faults.set({ operation: "GetAuthorizationToken", ...fault });
      const stale = await at.node.pull(IMAGE);
      expect({ status: stale.status, stderr: stale.stderr }).toEqual({ status: 0, stderr: "" });
      expect(JSON.parse(stale.stdout).auth).toEqual(JSON.parse(first.stdout).auth);
      expect(cacheSeconds(stale.stdout)).toBeLessThanOrEqual(60);
      expect(at.node.log().at(-1)).toMatchObject({ level: "warn", cache: "stale", outcome: "credentials" });
      at.cloud.faults.clear();
      const calls = tokenCalls();
      // A refusal is not asked for again for a few seconds.
      await sleep(3100);
      await at.node.pull(IMAGE);
      expect(tokenCalls()).toBe(calls + 1);
    },
  );

  test("a hanging API costs a pull with a kept token one request, not all of its time", async () => {
    at.node.configure({ registries, identity, timeouts: { request: "1s" } });
    await at.node.pull(IMAGE);
    await leaveOfToken(at.node.cacheDirectory, 300_000);
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "hang" });
    const stale = await at.node.pull(IMAGE);
    expect(stale.status).toBe(0);
    expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(2);
  });

  test("with a minute left or less the pull fails", async () => {
    await at.node.pull(IMAGE);
    await leaveOfToken(at.node.cacheDirectory, 59_000);
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "error", code: "NoPermission" });
    const { status, stdout, stderr } = await at.node.pull(IMAGE);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("NoPermission");
  });
});

describe("cache list and cache clear", () => {
  test("show what is kept without a secret, and forget it", async () => {
    await at.node.pull(IMAGE);
    const listed = await at.node.run(["cache", "list"]);
    expect(listed.status).toBe(0);
    expect(listed.stdout).toContain("token");
    expect(listed.stdout).toContain(instanceCorp);
    const json = JSON.parse((await at.node.run(["cache", "list", "--output", "json"])).stdout);
    expect(json.entries[0]).toMatchObject({ kind: "token" });
    const token = at.cloud.issuedTokens.at(-1)?.password ?? "";
    expect(listed.stdout + JSON.stringify(json)).not.toContain(token);
    expect((await at.node.run(["cache", "clear"])).stdout).toContain("removed 2 files");
    expect((await at.node.run(["cache", "list"])).stdout).toContain("nothing is cached");
    await at.node.pull(IMAGE);
    expect(tokenCalls()).toBe(2);
  });
});
