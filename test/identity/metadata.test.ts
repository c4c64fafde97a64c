import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { nodeRegion } from "../../src/identity/nodeRegion.ts";
import { startCloud } from "../cloud/cloud.ts";
import type { FaultEffect } from "../cloud/faults/faultBook.ts";
import { failureOf, memoryCache } from "../support/testRun.ts";
import { cloudRun, credentialsOf, identityOf } from "./support/cloudIdentity.ts";

const cloud = await startCloud();
afterAll(() => cloud.stop());
beforeEach(() => {
  cloud.reset();
  cloud.world.node.roleName = "KubernetesWorkerRole-example";
});

describe("the node's region", () => {
  test("is asked once and remembered", async () => {
    const cache = memoryCache();
    expect(await nodeRegion(cloudRun(cloud, { cache }))).toBe("cn-hangzhou");
    expect(await nodeRegion(cloudRun(cloud, { cache }))).toBe("cn-hangzhou");
    expect(cloud.calls("MetadataRegion")).toHaveLength(1);
    expect(cloud.violations).toEqual([]);
  });

  for (const [name, effect] of [
    ["no such item", { kind: "status", status: 404, body: "" }],
    ["nonsense", { kind: "malformedJson", body: "<html>login</html>" }],
    ["an empty answer", { kind: "malformedJson", body: "" }],
  ] as [string, FaultEffect][]) {
    test(`${name}: an error that says what to configure`, async () => {
      cloud.faults.set({ operation: "MetadataRegion", ...effect });
      const failure = await failureOf(nodeRegion(cloudRun(cloud)));
      expect(failure.code).toBe("RegionUnknown");
      expect(failure.remedy).toContain("defaultRegion");
    });
  }
});

describe("a metadata service that does not answer", () => {
  test("costs at most a second, once a run, and other runs nothing for 30 s", async () => {
    let offMs = 0;
    const now = () => Date.now() + offMs;
    const cache = memoryCache(now);
    cloud.faults.set({ operation: "MetadataToken", kind: "hang" });
    const run = cloudRun(cloud, { cache, now });
    const startedAt = Date.now();
    const region = await failureOf(nodeRegion(run));
    expect(region.code).toBe("MetadataUnavailable");
    expect(region.remedy).toContain("defaultRegion");
    const identity = await identityOf(run, { source: "ecsRamRole" });
    expect((await failureOf(identity.credentials(run))).code).toBe("MetadataUnavailable");
    expect(Date.now() - startedAt).toBeLessThan(1200);
    expect(cloud.requests).toHaveLength(1);

    const otherRun = cloudRun(cloud, { cache, now });
    const other = await identityOf(otherRun, { source: "ecsRamRole" });
    expect((await failureOf(other.credentials(otherRun))).message).toContain("a moment ago");
    expect(cloud.requests).toHaveLength(1);

    cloud.faults.clear();
    offMs = 31_000;
    expect(await nodeRegion(cloudRun(cloud, { cache, now }))).toBe("cn-hangzhou");
  });

  test("refused connection: the same without a wait", async () => {
    const metadata = "http://127.0.0.1:1";
    const cache = memoryCache();
    const run = cloudRun(cloud, { cache, config: { endpoints: { metadata } } });
    const failure = await failureOf(credentialsOf(run, { source: "ecsRamRole" }));
    expect(failure).toMatchObject({ code: "MetadataUnavailable", transient: true });
    expect(failure.message).toContain("connection refused");
    expect(cache.entries.size).toBe(1);
  });
});

describe("a metadata service that refuses", () => {
  test("a passing error is tried again", async () => {
    cloud.faults.set({ operation: "MetadataToken", kind: "status", status: 503, times: 2 });
    expect(await nodeRegion(cloudRun(cloud))).toBe("cn-hangzhou");
  });

  test("something that is no metadata service (404) is named, and no version 1 is tried", async () => {
    cloud.faults.set({ operation: "MetadataToken", kind: "status", status: 404, body: "" });
    const failure = await failureOf(nodeRegion(cloudRun(cloud)));
    expect(failure).toMatchObject({ code: "MetadataRefused", details: { httpStatus: 404 } });
    expect(cloud.requests).toHaveLength(1);
  });

  test("no role attached", async () => {
    cloud.world.node.roleName = undefined;
    const run = cloudRun(cloud);
    const identity = await identityOf(run, { source: "ecsRamRole" });
    const failure = await failureOf(identity.credentials(run));
    expect(failure.code).toBe("NoRamRole");
    expect(failure.message).toBe("no RAM role is attached to this node");
    expect(failure.remedy).toContain("attach a RAM role");
  });

  test("another role attached than the one configured", async () => {
    const run = cloudRun(cloud);
    const identity = await identityOf(run, { source: "ecsRamRole", roleName: "other-role" });
    const failure = await failureOf(identity.credentials(run));
    expect(failure.code).toBe("RamRoleNotAttached");
    expect(failure.message).toContain("other-role");
  });

  test("a role list that is no role's name never becomes a path", async () => {
    cloud.faults.set({ operation: "MetadataRole", kind: "malformedJson", body: "../../user-data" });
    const run = cloudRun(cloud);
    const identity = await identityOf(run, { source: "ecsRamRole" });
    expect((await failureOf(identity.credentials(run))).code).toBe("NoRamRole");
    expect(cloud.calls("MetadataOther")).toHaveLength(0);
  });

  for (const body of ['{"Code":"Failed"}', "{}", "<html>", '{"Code":"Success","AccessKeyId":"a"}']) {
    test(`credentials that are none: ${body}`, async () => {
      cloud.faults.set({ operation: "MetadataRoleCredentials", kind: "malformedJson", body });
      const run = cloudRun(cloud);
      const identity = await identityOf(run, { source: "ecsRamRole" });
      expect((await failureOf(identity.credentials(run))).code).toBe("CredentialsInvalid");
    });
  }
});

test("ALIBABA_CLOUD_ECS_METADATA_DISABLED=true: nothing is sent", async () => {
  const env = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" };
  const run = cloudRun(cloud, { env });
  expect((await failureOf(nodeRegion(run))).code).toBe("MetadataDisabled");
  const identity = await identityOf(run, { source: "ecsRamRole" });
  expect((await failureOf(identity.credentials(run))).code).toBe("MetadataDisabled");
  expect(cloud.requests).toEqual([]);
});
