import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { instanceLookups } from "../../src/acr/instanceLookups.ts";
import { resolveIdentity } from "../../src/identity/resolveIdentity.ts";
import { startCloud } from "../cloud/cloud.ts";
import { instanceCorp, keyA, powerlessKeyA } from "../cloud/defaultWorld.ts";
import type { FaultEffect } from "../cloud/faults/faultBook.ts";
import { failureOf, memoryCache, testRun } from "../support/testRun.ts";

const HOUR_MS = 3_600_000;
const HOST = "images.example.com";

const cloud = await startCloud();
afterAll(() => cloud.stop());

let cache: ReturnType<typeof memoryCache>;
beforeEach(() => {
  cloud.reset();
  cache = memoryCache();
});

/** The lookups of one run of one identity over the shared cache. */
function lookups({ id, secret }: typeof keyA = keyA) {
  const run = testRun({ cache, config: { endpoints: { acr: cloud.endpoints.acrHttp } } });
  const identity = {
    source: "accessKey",
    accessKeyId: id,
    accessKeySecret: secret,
    assumeRoles: [],
  } as const;
  const query = { regionId: "cn-hangzhou", network: "auto", identity } as const;
  const { domainsOf, findInstance } = instanceLookups((config, place) => resolveIdentity(run, config, place));
  return {
    run,
    domains: () => domainsOf(run, { ...query, instanceId: instanceCorp }, HOST),
    instance: () => findInstance(run, { ...query, instanceName: "corp" }),
  };
}

function makeOlder(ms: number): void {
  for (const [name, entry] of cache.entries) {
    cache.entries.set(name, { ...entry, storedAt: entry.storedAt - ms, expiresAt: entry.expiresAt - ms });
  }
}

test("that one identity may not list the domains does not keep another one from them", async () => {
  expect((await failureOf(lookups(powerlessKeyA).domains())).code).toBe("NoPermission");
  expect(await lookups().domains()).toContain(HOST);
  expect(cloud.calls("ListInstanceEndpoint")).toHaveLength(2);
});

describe("what was found a day ago, when it cannot be found again", () => {
  const outage: FaultEffect = { kind: "status", status: 503 };
  const refusal: FaultEffect = { kind: "error", code: "NoPermission" };
  const cases: ["domains" | "instance", string, ageHours: number, FaultEffect, serves: boolean][] = [
    ["domains", "an outage", 25, outage, true],
    ["domains", "an outage", 167, outage, true],
    ["domains", "an outage", 169, outage, false],
    ["domains", "a refusal", 25, refusal, false],
    ["instance", "an outage", 25, outage, true],
    ["instance", "a refusal", 25, refusal, true],
    ["instance", "a refusal", 169, refusal, false],
  ];
  test.each(cases)("the %s after %s, %p hours old", async (what, _name, ageHours, fault, serves) => {
    const found = await lookups()[what]();
    makeOlder(ageHours * HOUR_MS);
    cloud.faults.set({ operation: "*", ...fault });
    const later = lookups();
    if (!serves) return void (await failureOf(later[what]()));
    expect(await later[what]()).toEqual(found);
    expect(later.run.record.warnings.join()).toContain("could not be renewed");
  });
});
