import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { instanceCorp, keyA, roleAnyPod, roleAssume } from "../cloud/defaultWorld.ts";
import { callCounts } from "../resilience/nodes.ts";
import { leaveOfToken } from "../support/cachedToken.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const PERSONAL = "registry.cn-hangzhou.aliyuncs.com";
const MINUTE = 60_000;

const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const corp = { instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" };
const personal = { instanceId: "", regionId: "cn-hangzhou" };
const inApps = { namespace: "apps", serviceAccount: "puller" };

const at = useSimulatedNode({ identity }, { tokenLifeMs: 60 * MINUTE });

const renew = (before: string) => at.node.run(["prefetch", "--renew-before", before]);

async function pulled(host: string, options = {}): Promise<void> {
  expect((await at.node.pull(`${host}/apps/web`, options)).status).toBe(0);
}

/** Runs it, and says which calls it made. */
async function callsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before: Record<string, number> = callCounts(at.cloud);
  await work();
  const after = Object.entries(callCounts(at.cloud)).map(([name, count]) => [
    name,
    count - (before[name] ?? 0),
  ]);
  return Object.fromEntries(after.filter(([, count]) => count !== 0));
}

describe("prefetch --renew-before", () => {
  test("renews what the node has and is due, by one call, and asks no one about the rest", async () => {
    await pulled(CORP);
    await leaveOfToken(at.node.cacheDirectory, 29 * MINUTE);
    await pulled(PERSONAL);
    const calls = await callsOf(async () => {
      const { status, stdout, stderr } = await renew("30m");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toContain(
        `${CORP}: fresh token, 60 min left (instance ${instanceCorp} in cn-hangzhou, as `,
      );
      expect(stdout).toContain(
        `${PERSONAL}: cached token, 60 min left (Personal Edition in cn-hangzhou, as `,
      );
      expect(stdout).not.toContain("CANARY");
    });
    expect(calls).toEqual({ GetAuthorizationToken: 1 });
    expect(await callsOf(() => renew("30m"))).toEqual({});
    expect(await callsOf(() => pulled(CORP))).toEqual({});
  });

  test("asks for nothing that the node has not had, whatever is configured", async () => {
    at.node.configure({ registries: [corp, personal], identity });
    const { status, stdout, stderr } = await renew("30m");
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: "no token is kept: there is nothing to renew\n",
      stderr: "",
    });
    await pulled(PERSONAL);
    const calls = await callsOf(async () => expect((await renew("2h")).stdout).not.toContain("corp"));
    expect(calls).toEqual({ "GetTokens(2016)": 1 });
  });

  test("a token that has ended is left to the next pull", async () => {
    await pulled(PERSONAL);
    await leaveOfToken(at.node.cacheDirectory, -MINUTE, 60 * MINUTE);
    expect(await callsOf(() => renew("2h"))).toEqual({});
  });

  test("ten at once make one call", async () => {
    await pulled(PERSONAL);
    await leaveOfToken(at.node.cacheDirectory, 29 * MINUTE);
    const once = await callsOf(() => Promise.all(Array.from({ length: 10 }, () => renew("30m"))));
    expect(once).toEqual({ "GetTokens(2016)": 1 });
  });

  test("a renewal that fails is a failure with its line in the log, and the token serves on", async () => {
    await pulled(PERSONAL);
    at.cloud.faults.set({ operation: "GetTokens(2016)", kind: "error", code: "NoPermission" });
    const { status, stdout, stderr } = await renew("61m");
    expect(status).toBe(1);
    expect(stdout).toContain(`${PERSONAL}: cached token, 60 min left`);
    expect(stderr).toMatch(
      /^unable to get credentials for .* could not be renewed: .*code NoPermission.*\n$/,
    );
    expect(at.node.log().at(-1)).toMatchObject({ outcome: "failed", host: PERSONAL });
    expect(await callsOf(() => pulled(PERSONAL))).toEqual({});
  });

  test("without a cache it refuses", async () => {
    at.node.configure({ identity, cache: { enabled: false } });
    expect(await renew("30m")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("cache.enabled is false"),
    });
  });
});

describe("tokens of pods are named and left", () => {
  const skipped = (identity: string) =>
    expect.stringMatching(
      new RegExp(`^1 of pods: skipped: a pull of the pod renews them \\(.*${identity}.*\\)\\n$`),
    );

  test("those of their service account's own identity", async () => {
    const oidcProviderArn = "acs:ram::1609982529000000:oidc-provider/ack-rrsa-example";
    at.node.configure({ identity: { source: "serviceAccountToken", roleArn: roleAnyPod, oidcProviderArn } });
    await pulled(CORP, { serviceAccountToken: at.cloud.issueServiceAccountToken(inApps) });
    const lines = at.node.log().length;
    const calls = await callsOf(async () =>
      expect(await renew("2h")).toMatchObject({ status: 0, stdout: skipped("any-pod"), stderr: "" }),
    );
    expect(calls).toEqual({});
    expect(at.node.log()).toHaveLength(lines);
  });

  test("those that annotations asked of the node's identity", async () => {
    at.node.configure({ identity, serviceAccountAnnotations: { enabled: true, allowedRoleArns: ["*"] } });
    const serviceAccountToken = at.cloud.issueServiceAccountToken(inApps);
    const serviceAccountAnnotations = { "k8s.aliyun.com/acr-service-arns": roleAssume };
    await pulled(CORP, { serviceAccountToken, serviceAccountAnnotations });
    const calls = await callsOf(async () =>
      expect(await renew("2h")).toMatchObject({ status: 0, stdout: skipped("role-assume"), stderr: "" }),
    );
    expect(calls).toEqual({});
  });

  test("one that access rules let a pod have is the node's own, and renewed", async () => {
    at.node.configure({ identity, access: { namespaces: ["apps"] } });
    await pulled(PERSONAL, { serviceAccountToken: at.cloud.issueServiceAccountToken(inApps) });
    expect((await renew("2h")).stdout).toStartWith(`${PERSONAL}: fresh token`);
  });
});

test("an image stands for its host", async () => {
  const { status, stdout } = await at.node.run([
    "prefetch",
    `${PERSONAL}/apps/web:1@sha256:${"0".repeat(64)}`,
  ]);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringContaining(`${PERSONAL}: fresh token`),
  });
  expect(existsSync(at.node.cacheDirectory)).toBe(true);
  expect((await at.node.run(["prefetch", "nginx"])).status).toBe(1);
});
