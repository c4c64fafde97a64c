import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cloud } from "../cloud/cloud.ts";
import { roleAssume } from "../cloud/defaultWorld.ts";
import type { RunResult } from "../support/executable.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { acceptedPassword, accessKey, callCounts, corpEntry, IMAGE, leftovers } from "./nodes.ts";

const roleChain = { source: "ecsRamRole", assumeRoles: [{ roleArn: roleAssume }] };
/** More than any machine needs to start all of them; none may take longer than its own time after that. */
const START_ALLOWANCE_MS = 20_000;

const at = useSimulatedNode({ registries: [corpEntry], identity: accessKey });

function herd(count: number): Promise<RunResult[]> {
  return Promise.all(Array.from({ length: count }, () => at.node.pull(IMAGE)));
}

function passwords(results: readonly RunResult[]): Set<string> {
  return new Set(results.map((result) => acceptedPassword(at.cloud, result)));
}

describe("200 processes at once with an empty cache", () => {
  test("make one token call and get one token", async () => {
    expect(passwords(await herd(200)).size).toBe(1);
    expect(callCounts(at.cloud)).toEqual({ GetAuthorizationToken: 1 });
    expect(leftovers(at.node.cacheDirectory)).toEqual([]);
  }, 120_000);

  test("with discovery and a role chain make one call of each kind", async () => {
    at.node.configure({ identity: roleChain });
    expect(passwords(await herd(200)).size).toBe(1);
    expect(callCounts(at.cloud)).toEqual({
      MetadataToken: 1,
      MetadataRole: 1,
      MetadataRoleCredentials: 1,
      AssumeRole: 1,
      ListInstance: 1,
      GetAuthorizationToken: 1,
    });
    expect(leftovers(at.node.cacheDirectory)).toEqual([]);
  }, 120_000);
});

describe("60 processes at once when the one that asks fails", () => {
  const total = 5;
  /** Processes that start after a failure was known ask again: at most one of them in a run's time, four attempts. */
  const cases: [string, Parameters<Cloud["faults"]["set"]>[0], string, number][] = [
    ["the API hangs", { operation: "GetAuthorizationToken", kind: "hang" }, "waited", 24],
    ["the API is down", { operation: "GetAuthorizationToken", kind: "status", status: 503 }, "503", 40],
    [
      "the API refuses",
      { operation: "GetAuthorizationToken", kind: "error", code: "NoPermission" },
      "NoPermission",
      8,
    ],
    ["STS hangs", { operation: "AssumeRole", kind: "hang" }, "waited", 24],
    ["STS refuses", { operation: "AssumeRole", kind: "error", code: "NoPermission" }, "NoPermission", 8],
  ];
  test.each(cases)(
    "%s: all end in time with the reason, and nobody stampedes",
    async (_name, fault, words, maxCalls) => {
      const identity = fault.operation === "AssumeRole" ? roleChain : accessKey;
      at.node.configure({
        registries: [corpEntry],
        identity,
        timeouts: { total: `${total}s`, request: "1s" },
      });
      at.cloud.faults.set(fault);
      const results = await herd(60);
      for (const { status, stdout, stderr, ms } of results) {
        expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
        expect(stderr).toContain(IMAGE);
        expect(stderr).toContain(words);
        expect(ms).toBeLessThan(total * 1000 + START_ALLOWANCE_MS);
      }
      expect(at.cloud.calls(fault.operation as "AssumeRole").length).toBeLessThanOrEqual(maxCalls);
      expect(leftovers(at.node.cacheDirectory)).toEqual([]);
    },
    60_000,
  );
});

describe("the process that asks is taken away while the others wait", () => {
  test.each([["SIGKILL"], ["SIGSTOP"]] as const)(
    "by %s: another one asks at once",
    async (signal) => {
      at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "hang", times: 1 });
      // Longer than the test: nobody may wait for the end of the first one's time.
      at.node.configure({
        registries: [corpEntry],
        identity: accessKey,
        timeouts: { total: "50s", request: "50s" },
      });
      const first = at.node.pull(IMAGE);
      while (at.cloud.calls("GetAuthorizationToken").length === 0) await sleep(5);
      const holder = lockHolder();
      const others = herd(20);
      await sleep(300);
      process.kill(holder, signal);
      const results = await others;
      expect(passwords(results).size).toBe(1);
      expect(Math.max(...results.map(({ ms }) => ms))).toBeLessThan(START_ALLOWANCE_MS);
      expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(2);
      if (signal === "SIGSTOP") process.kill(holder, "SIGKILL");
      expect((await first).status).toBeNull();
      expect(leftovers(at.node.cacheDirectory)).toEqual([]);
    },
    60_000,
  );

  test("a stopped one that goes on later harms nobody", async () => {
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "delay", ms: 1500, times: 1 });
    const first = at.node.pull(IMAGE);
    while (at.cloud.calls("GetAuthorizationToken").length === 0) await sleep(5);
    const holder = lockHolder();
    process.kill(holder, "SIGSTOP");
    expect(passwords(await herd(5)).size).toBe(1);
    process.kill(holder, "SIGCONT");
    acceptedPassword(at.cloud, await first);
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(2);
    expect(leftovers(at.node.cacheDirectory)).toEqual([]);
  }, 60_000);
});

function lockHolder(): number {
  const [name] = readdirSync(at.node.cacheDirectory).filter((file) => file.endsWith(".lock"));
  return JSON.parse(readFileSync(`${at.node.cacheDirectory}/${name}`, "utf8")).pid;
}
