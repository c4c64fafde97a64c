import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { instanceLookups } from "../../src/acr/instanceLookups.ts";
import { resolveIdentity } from "../../src/identity/resolveIdentity.ts";
import { startCloud } from "../cloud/cloud.ts";
import {
  accountA,
  defaultWorld,
  instance,
  instanceCorp,
  keyA,
  minimalKeyA,
  powerlessKeyA,
} from "../cloud/defaultWorld.ts";
import { cloudRun } from "../identity/support/cloudIdentity.ts";
import { failureOf, memoryCache } from "../support/testRun.ts";

const cloud = await startCloud();
afterAll(() => cloud.stop());
beforeEach(() => {
  cloud.reset();
  cloud.world.instances = defaultWorld().instances;
});

const MINUTE = 60_000;
const corp = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const corpVpc = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
const custom = "images.example.com";

/** Lookups with a key of account A; every call of `at` is a new run `ms` later. */
function node(key = keyA) {
  const time = { ms: Date.now() };
  const cache = memoryCache(() => time.ms);
  const identity = {
    source: "accessKey",
    accessKeyId: key.id,
    accessKeySecret: key.secret,
    assumeRoles: [],
  } as const;
  const query = { instanceId: instanceCorp, regionId: "cn-hangzhou", network: "auto", identity } as const;
  return {
    cache,
    run() {
      const run = cloudRun(cloud, { cache });
      const lookups = instanceLookups((config, place) => resolveIdentity(run, config, place));
      return {
        run,
        domains: (host: string) => lookups.domainsOf(run, query, host),
        find: (instanceName: string) => lookups.findInstance(run, { ...query, instanceName }),
      };
    },
    /** The runs' own clock stays the cloud's; this one is the cache's. */
    later(ms: number) {
      for (const [name, entry] of cache.entries) {
        cache.entries.set(name, { ...entry, storedAt: entry.storedAt - ms, expiresAt: entry.expiresAt - ms });
      }
    },
  };
}

describe("the domains of an instance", () => {
  test("are all that ListInstanceEndpoint reports, remembered for a day", async () => {
    const { run, later } = node();
    expect([...(await run().domains(corp))].sort()).toEqual([corpVpc, corp, custom].sort());
    later(23 * 60 * MINUTE);
    for (const host of [corp, corpVpc, custom, `${custom}:443`]) await run().domains(host);
    expect(cloud.calls("ListInstanceEndpoint")).toHaveLength(1);
    later(2 * 60 * MINUTE);
    await run().domains(corp);
    expect(cloud.calls("ListInstanceEndpoint")).toHaveLength(2);
    expect(cloud.violations).toEqual([]);
  });

  test("are asked for early when a host is unknown, but not at every pull", async () => {
    const { run, later } = node();
    await run().domains(corp);
    const added = "new.example.com";
    cloud.world.instances[0]?.endpoints[0]?.domains.push({ domain: added, type: "USER" });
    for (let pull = 0; pull < 5; pull++) expect(await run().domains(added)).not.toContain(added);
    expect(cloud.calls("ListInstanceEndpoint")).toHaveLength(1);
    later(11 * MINUTE);
    expect(await run().domains(added)).toContain(added);
    expect(cloud.calls("ListInstanceEndpoint")).toHaveLength(2);
  });

  test("that cannot be refreshed stay what they were, with a warning", async () => {
    const { run, later } = node();
    await run().domains(corp);
    later(11 * MINUTE);
    cloud.faults.set({ operation: "ListInstanceEndpoint", kind: "businessError", code: "SOME_ERROR" });
    const second = run();
    expect(await second.domains("elsewhere.example.com")).toContain(corp);
    expect(second.run.record.warnings.join()).toContain(
      `the domains of ${instanceCorp} could not be renewed`,
    );
    const asked = cloud.calls("ListInstanceEndpoint").length;
    await run().domains("elsewhere.example.com");
    expect(cloud.calls("ListInstanceEndpoint")).toHaveLength(asked);
  });

  test("without the permission: the message names it, and hosts of others do not cost a call each", async () => {
    const { run, later } = node(powerlessKeyA);
    const failure = await failureOf(run().domains("elsewhere.example.com"));
    expect(failure.remedy).toContain("cr:ListInstanceEndpoint");
    expect(failure.details.requestId).toBeDefined();
    await failureOf(run().domains("elsewhere.example.com"));
    await failureOf(run().domains("other.example.com"));
    expect(cloud.calls("ListInstanceEndpoint")).toHaveLength(1);
    later(MINUTE / 2);
    await failureOf(run().domains(corp));
    expect(cloud.calls("ListInstanceEndpoint")).toHaveLength(2);
    later(2 * MINUTE);
    await failureOf(run().domains("elsewhere.example.com"));
    expect(cloud.calls("ListInstanceEndpoint")).toHaveLength(3);
  });

  test.each([
    ["no list", { set: { Endpoints: "none" } }],
    ["nothing", { remove: ["Endpoints"] }],
  ])("an answer that holds %s is a failure", async (_name, fault) => {
    cloud.faults.set({ operation: "ListInstanceEndpoint", kind: "wrongTypes", ...fault });
    expect((await failureOf(node().run().domains(corp))).code).toBe("ResponseInvalid");
  });

  test("what is no host in the answer is left out", async () => {
    const Domains = [
      { Domain: "A.example.com" },
      { Domain: "https://b" },
      { Domain: 5 },
      null,
      "c",
      { Domain: "A.example.com" },
    ];
    cloud.faults.set({
      operation: "ListInstanceEndpoint",
      kind: "wrongTypes",
      set: { Endpoints: [{ Domains }, null, {}] },
    });
    expect(await node().run().domains(corp)).toEqual(["a.example.com"]);
  });

  test("a cache entry of another shape counts as none", async () => {
    const { run, cache } = node();
    await run().domains(corp);
    for (const [name, entry] of cache.entries)
      cache.entries.set(name, { ...entry, value: { domains: [corp] } });
    await run().domains(corp);
    expect(cloud.calls("ListInstanceEndpoint")).toHaveLength(2);
  });
});

describe("the instance of a name", () => {
  test("is found by exact name, and remembered", async () => {
    const { run } = node();
    expect(await run().find("corp")).toBe(instanceCorp);
    expect(await run().find("corp")).toBe(instanceCorp);
    expect(cloud.calls("ListInstance")).toHaveLength(1);
    expect(cloud.violations).toEqual([]);
  });

  test("is found on whatever page it is", async () => {
    const many = Array.from({ length: 250 }, (_, index) =>
      instance(accountA, "cn-hangzhou", `cri-many${index}`, `corp-${index}`),
    );
    cloud.world.instances = [...many, ...cloud.world.instances];
    expect(await node().run().find("corp")).toBe(instanceCorp);
    expect(cloud.calls("ListInstance")).toHaveLength(3);
  });

  test("a stopped one beside a running one does not matter", async () => {
    cloud.world.instances.push({
      ...instance(accountA, "cn-hangzhou", "cri-old", "corp"),
      status: "STOPPED",
    });
    expect(await node().run().find("corp")).toBe(instanceCorp);
  });

  const line = "- {instanceId: cri-…, instanceName: corp, regionId: cn-hangzhou}";
  test("two of a name, none, a stopped one and no permission: each has its message and the config line", async () => {
    const find = (instanceName: string) => node().run().find(instanceName);
    cloud.world.instances.push(instance(accountA, "cn-hangzhou", "cri-second", "corp"));
    const two = await failureOf(find("corp"));
    expect(two).toMatchObject({ code: "InstanceAmbiguous" });
    expect(two.message).toContain(`${instanceCorp}, cri-second`);

    cloud.world.instances = [];
    const none = await failureOf(find("corp"));
    expect(none).toMatchObject({ code: "InstanceNotFound" });
    expect(none.message).toContain("this account has no instance named corp in cn-hangzhou");

    cloud.world.instances = [{ ...instance(accountA, "cn-hangzhou", "cri-old", "corp"), status: "STOPPED" }];
    const stopped = await failureOf(find("corp"));
    expect(stopped).toMatchObject({ code: "InstanceNotRunning" });
    expect(stopped.message).toContain("cri-old named corp is STOPPED");

    const refused = await failureOf(node(minimalKeyA).run().find("corp"));
    expect(refused.remedy).toContain("cr:ListInstance");
    for (const failure of [two, none, stopped, refused]) expect(failure.remedy).toContain(line);
  });

  test("what was found for one identity is not used for another", async () => {
    const { cache, run } = node();
    await run().find("corp");
    const other = cloudRun(cloud, { cache });
    const lookups = instanceLookups((config, place) => resolveIdentity(other, config, place));
    const identity = {
      source: "accessKey",
      accessKeyId: minimalKeyA.id,
      accessKeySecret: minimalKeyA.secret,
      assumeRoles: [],
    } as const;
    await failureOf(
      lookups.findInstance(other, {
        identity,
        regionId: "cn-hangzhou",
        network: "auto",
        instanceName: "corp",
      }),
    );
    expect(cloud.calls("ListInstance")).toHaveLength(2);
  });

  test("an API that never comes to an end is stopped", async () => {
    const Instances = [{ InstanceId: "cri-x", InstanceName: "x", InstanceStatus: "RUNNING" }];
    cloud.faults.set({
      operation: "ListInstance",
      kind: "wrongTypes",
      set: { Instances, TotalCount: 1_000_000 },
    });
    expect((await failureOf(node().run().find("corp"))).code).toBe("InstanceNotFound");
    expect(cloud.calls("ListInstance")).toHaveLength(100);
  });
});
