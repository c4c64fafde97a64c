import { describe, expect, test } from "bun:test";
import { oidcProvider, roleAssume } from "../cloud/defaultWorld.ts";
import type { TestNode } from "../support/node.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { nearlyExpire } from "./aging.ts";
import { acceptedPassword, accessKey, IMAGE } from "./nodes.ts";

const TOTAL_MS = 3000;
/** A process that has nothing else to do needs a few ms for its last words. */
const ALLOWANCE_MS = 1500;
const timeouts = { total: "3s", request: "1s" };
/** Discovery, two roles and the token: six requests one after the other. */
const longChain = {
  source: "ecsRamRole",
  assumeRoles: [{ roleArn: roleAssume }, { roleArn: "acs:ram::1298452580000000:role/role-acr" }],
};

const at = useSimulatedNode({ identity: longChain, timeouts });

function runMs(): number {
  return Number(at.node.log().at(-1)?.durationMs);
}

describe("everything together ends before timeouts.total", () => {
  test("when every step takes nearly the time of a request, and what was waited for is named", async () => {
    at.cloud.faults.set({ operation: "*", kind: "delay", ms: 800 });
    const { status, stderr } = await at.node.pull(IMAGE);
    expect(status).toBe(1);
    expect(stderr).toMatch(/waited [\d.]+ s for 127\.0\.0\.1:\d+/);
    expect(stderr).toContain("code Timeout");
    expect(runMs()).toBeLessThan(TOTAL_MS + ALLOWANCE_MS);
    expect(at.cloud.requests.length).toBeGreaterThan(2);
  });

  test("when every answer drips", async () => {
    at.cloud.faults.set({ operation: "*", kind: "slowDrip", ms: 50 });
    expect((await at.node.pull(IMAGE)).status).toBe(1);
    expect(runMs()).toBeLessThan(TOTAL_MS + ALLOWANCE_MS);
  });

  test("when the node has no way out at all, and yet a token for five minutes", async () => {
    // The roles of the chain are of another account than the instance: a chain that works is needed first.
    at.node.configure({ identity: { ...longChain, assumeRoles: [{ roleArn: roleAssume }] }, timeouts });
    const before = acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    await nearlyExpire(at.node.cacheDirectory);
    at.cloud.faults.set({ operation: "*", kind: "hang" });
    expect(acceptedPassword(at.cloud, await at.node.pull(IMAGE))).toBe(before);
    expect(runMs()).toBeLessThan(TOTAL_MS + ALLOWANCE_MS);
    expect(at.node.log().at(-1)).toMatchObject({ cache: "stale", level: "warn" });
  });

  test("when it is throttled and told to wait for longer than that: at once", async () => {
    at.cloud.faults.set({ operation: "*", kind: "throttle", retryAfterSeconds: 30 });
    at.node.configure({ identity: accessKey, timeouts });
    const { status, stderr } = await at.node.pull(IMAGE);
    expect(status).toBe(1);
    expect(stderr).toContain("asked again in 30");
    expect(runMs()).toBeLessThan(TOTAL_MS);
  });
});

describe("a clock that is off by more than the API forgives", () => {
  const identities: [string, (node: TestNode) => Promise<object> | object][] = [
    ["the token call", () => accessKey],
    ["a role of the chain", () => ({ ...accessKey, assumeRoles: [{ roleArn: roleAssume }] })],
    ["the exchange of an OIDC token", oidcIdentity],
  ];
  const skews: [number, string][] = [
    [20, "the node's clock is 20 min behind"],
    [-20, "the node's clock is 20 min ahead"],
  ];
  const cases = identities.flatMap(([what, identity]) =>
    skews.map(([min, words]) => ({ what, identity, min, words })),
  );

  test.each(cases)("$what: $words", async ({ identity, min, words }) => {
    at.cloud.clock.skewMs = min * 60_000;
    at.node.configure({
      registries: [{ instanceId: "cri-corp000000000000", instanceName: "corp", regionId: "cn-hangzhou" }],
      identity: await identity(at.node),
      timeouts,
    });
    const { status, stderr } = await at.node.pull(IMAGE);
    expect(status).toBe(1);
    expect(stderr).toContain(words);
    expect(stderr).toContain("set the node's clock (NTP)");
  });

  test("does not keep a pod from a token that the node has", async () => {
    at.node.configure({ identity: accessKey, timeouts });
    const before = acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    await nearlyExpire(at.node.cacheDirectory);
    at.cloud.clock.skewMs = 20 * 60_000;
    const result = await at.node.pull(IMAGE);
    expect(result.status).toBe(0);
    expect(result.stdout).toContain(before);
    expect(JSON.stringify(at.node.log().at(-1)?.warnings)).toContain("the node's clock is 20 min behind");
  });

  async function oidcIdentity({ directory }: TestNode): Promise<object> {
    const token = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" });
    const path = `${directory}/token`;
    await Bun.write(path, token, { mode: 0o600 });
    const roleArn = "acs:ram::1609982529000000:role/any-pod";
    return { source: "oidcTokenFile", path, roleArn, oidcProviderArn: oidcProvider };
  }
});
