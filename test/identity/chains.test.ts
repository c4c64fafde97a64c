import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { AssumeRoleConfig } from "../../src/config/config.ts";
import { memoised, withCredentials } from "../../src/identity/identity.ts";
import { startCloud } from "../cloud/cloud.ts";
import {
  accountB,
  externalId,
  keyA,
  oidcProvider,
  roleAcr,
  roleAcrExternal,
  roleAcrForAccountA,
  roleAnyPod,
  roleAssume,
} from "../cloud/defaultWorld.ts";
import { failureOf, memoryCache } from "../support/testRun.ts";
import { callerArn, cloudRun, credentialsOf, identityOf, pod } from "./support/cloudIdentity.ts";

const cloud = await startCloud();
afterAll(() => cloud.stop());
beforeEach(() => cloud.reset());

const user = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret } as const;
const chained = (...assumeRoles: AssumeRoleConfig[]) => ({ ...user, assumeRoles });
const MINUTE = 60_000;

describe("a chain", () => {
  test("goes from role to role across accounts, as in the ECI document", async () => {
    const run = cloudRun(cloud);
    const identity = await identityOf(run, chained({ roleArn: roleAssume }, { roleArn: roleAcr }));
    expect(await callerArn(run, identity)).toStartWith(`acs:ram::${accountB}:assumed-role/role-acr/`);
    expect(cloud.calls("AssumeRole")).toHaveLength(2);
    expect(identity.name).toBe(`accessKey ${keyA.id} (config) > ${roleAssume} > ${roleAcr}`);
    expect(cloud.violations).toEqual([]);
  });

  test("starts with the pod's own token just as well", async () => {
    const run = cloudRun(cloud);
    const serviceAccount = pod(cloud, { namespace: "apps", serviceAccount: "x" });
    const config = {
      source: "serviceAccountToken",
      roleArn: roleAnyPod,
      oidcProviderArn: oidcProvider,
    } as const;
    const assumeRoles = [{ roleArn: roleAcrForAccountA }];
    const identity = await identityOf(run, { ...config, assumeRoles }, serviceAccount);
    expect(await callerArn(run, identity)).toStartWith(
      `acs:ram::${accountB}:assumed-role/role-acr-for-account-a/apps.x`,
    );
  });

  test("passes on external id, policy, session name and duration", async () => {
    const run = cloudRun(cloud);
    const policy = JSON.stringify({
      Version: "1",
      Statement: [{ Effect: "Allow", Action: "cr:GetAuthorizationToken", Resource: "*" }],
    });
    const role = {
      roleArn: roleAcrExternal,
      externalId,
      policy,
      sessionName: "my session/1",
      durationSeconds: 900,
    };
    const identity = await identityOf(run, chained(role));
    expect(await callerArn(run, identity)).toEndWith("/my-session-1");
    const { expiresAt = 0 } = await identity.credentials(run);
    expect(expiresAt - Date.now()).toBeLessThan(901_000);
    const without = await identityOf(run, chained({ roleArn: roleAcrExternal }));
    expect((await failureOf(without.credentials(run))).code).toBe("NoPermission");
  });

  test("session names tell the node, within 64 valid characters", async () => {
    const long = `node-${"x".repeat(80)}`;
    const run = cloudRun(cloud, { env: { NODE_NAME: long } });
    const identity = await identityOf(run, chained({ roleArn: roleAssume }));
    const name = (await callerArn(run, identity)).split("/").pop() ?? "";
    expect(name).toBe(`aliyun-acr-credential-provider@${long}`.slice(0, 64));
    const odd = cloudRun(cloud, { env: { NODE_NAME: "Ünode:1" } });
    expect(await callerArn(odd, await identityOf(odd, chained({ roleArn: roleAssume })))).toEndWith(
      "/aliyun-acr-credential-provider@-node-1",
    );
    const short = await identityOf(run, chained({ roleArn: roleAssume, sessionName: "x" }));
    expect(await callerArn(run, short)).toEndWith("/xaliyun-acr-credential-provider");
  });

  test("of a pod's own identity is named after the pod's account and the node in its token", async () => {
    const run = cloudRun(cloud, { env: { NODE_NAME: "host" } });
    const serviceAccount = pod(cloud, { namespace: "apps", serviceAccount: "x", nodeName: "cluster.node-1" });
    const own = {
      source: "serviceAccountToken",
      roleArn: roleAnyPod,
      oidcProviderArn: oidcProvider,
    } as const;
    expect(await callerArn(run, await identityOf(run, own, serviceAccount))).toEndWith(
      "/apps.x@cluster.node-1",
    );
  });

  test("of a node's identity, which all pods share, is named after none of them", async () => {
    const run = cloudRun(cloud, { env: { NODE_NAME: "host" } });
    const serviceAccount = pod(cloud, { namespace: "apps", serviceAccount: "x" });
    const identity = await identityOf(run, chained({ roleArn: roleAssume }), serviceAccount);
    expect(await callerArn(run, identity)).toEndWith("/aliyun-acr-credential-provider@host");
  });
});

describe("sessions", () => {
  const chain = chained({ roleArn: roleAssume }, { roleArn: roleAcr });

  test("are kept between runs, so that the next token is one call", async () => {
    const cache = memoryCache();
    const first = await credentialsOf(cloudRun(cloud, { cache }), chain);
    const run = cloudRun(cloud, { cache });
    const second = await credentialsOf(run, chain);
    expect(second).toEqual(first);
    expect(cloud.calls("AssumeRole")).toHaveLength(2);
    expect(run.secrets.redact(`${first.accessKeySecret} ${first.securityToken}`)).toBe("*** ***");
  });

  test("are renewed when a token of them would soon be due for renewal itself, and then only the last role of the chain needs a call", async () => {
    let now = Date.now();
    const cache = memoryCache(() => now);
    const at = () => cloudRun(cloud, { cache, now: () => now });
    const short = chained({ roleArn: roleAssume }, { roleArn: roleAcr, durationSeconds: 1800 });
    const advance = (ms: number) => {
      now += ms;
      cloud.clock.skewMs += ms;
    };
    const first = await credentialsOf(at(), short);
    advance(14 * MINUTE);
    expect(await credentialsOf(at(), short)).toEqual(first);
    expect(cloud.calls("AssumeRole")).toHaveLength(2);
    advance(2 * MINUTE);
    expect(await credentialsOf(at(), short)).not.toEqual(first);
    expect(cloud.calls("AssumeRole")).toHaveLength(3);
  });

  test("stand in while STS cannot be reached, until a minute before their end", async () => {
    let now = Date.now();
    const cache = memoryCache(() => now);
    const at = () => cloudRun(cloud, { cache, now: () => now });
    const config = chained({ roleArn: roleAssume });
    const first = await credentialsOf(at(), config);
    cloud.faults.set({ operation: "AssumeRole", kind: "status", status: 503 });
    now += 55 * MINUTE;
    const run = at();
    expect(await credentialsOf(run, config)).toEqual(first);
    expect(run.record.warnings.join()).toContain("session could not be renewed");
    now += 4.5 * MINUTE;
    expect((await failureOf(credentialsOf(at(), config))).code).toBe("ServiceUnavailable");
  });

  test("do not stand in after a refusal", async () => {
    let now = Date.now();
    const cache = memoryCache(() => now);
    const config = chained({ roleArn: roleAssume });
    await credentialsOf(cloudRun(cloud, { cache, now: () => now }), config);
    cloud.faults.set({ operation: "AssumeRole", kind: "error", code: "NoPermission" });
    now += 55 * MINUTE;
    const run = cloudRun(cloud, { cache, now: () => now });
    const identity = await identityOf(run, config);
    expect((await failureOf(identity.credentials(run))).code).toBe("NoPermission");
  });

  test("that the API no longer accepts are forgotten, and the use is tried again once", async () => {
    const cache = memoryCache();
    const run = cloudRun(cloud, { cache });
    const identity = await identityOf(run, chain);
    const revoked = await identity.credentials(run);
    cloud.revoke({ accessKeyId: revoked.accessKeyId });
    const arn = await withCredentials(run, identity, async (credentials) =>
      callerArn(run, { ...identity, credentials: async () => credentials }),
    );
    expect(arn).toStartWith(`acs:ram::${accountB}:assumed-role/role-acr/`);
    expect((await identity.credentials(run)).accessKeyId).not.toBe(revoked.accessKeyId);
  });

  test("in the middle of a chain that are no longer accepted are renewed as well", async () => {
    const cache = memoryCache();
    const middle = await credentialsOf(cloudRun(cloud, { cache }), chained({ roleArn: roleAssume }));
    cloud.revoke({ accessKeyId: middle.accessKeyId });
    const run = cloudRun(cloud, { cache });
    expect(await callerArn(run, await identityOf(run, chain))).toStartWith(
      `acs:ram::${accountB}:assumed-role/role-acr/`,
    );
  });

  test("damaged in the cache are obtained again", async () => {
    const cache = memoryCache();
    const config = chained({ roleArn: roleAssume });
    const run = cloudRun(cloud, { cache });
    const identity = await identityOf(run, config);
    await cache.put("session", identity.key, { accessKeyId: "x", securityToken: 7 }, Date.now() + MINUTE);
    expect((await identity.credentials(run)).accessKeyId).toStartWith("STS.");
  });

  test("that were over before they arrived are a failure that points to the clock", async () => {
    cloud.faults.set({ operation: "AssumeRole", kind: "expiredToken" });
    const run = cloudRun(cloud);
    const identity = await identityOf(run, chained({ roleArn: roleAssume }));
    const failure = await failureOf(identity.credentials(run));
    expect(failure.code).toBe("CredentialsExpired");
    expect(failure.remedy).toContain("clock");
  });

  test("are obtained once a run, and again after they were forgotten", async () => {
    const run = cloudRun(cloud);
    const identity = memoised(await identityOf(run, chained({ roleArn: roleAssume })));
    await Promise.all([identity.credentials(run), identity.credentials(run)]);
    expect(cloud.calls("AssumeRole")).toHaveLength(1);
    cloud.revoke({ accessKeyId: (await identity.credentials(run)).accessKeyId });
    const arn = await withCredentials(run, identity, async (credentials) =>
      callerArn(run, { ...identity, credentials: async () => credentials }),
    );
    expect(arn).toContain("assumed-role/role-assume/");
    expect(cloud.calls("AssumeRole")).toHaveLength(2);
  });

  for (const [name, set] of [
    ["no credentials", { Credentials: null }],
    ["half of them", { "Credentials.SecurityToken": "" }],
    ["a header's end in them", { "Credentials.SecurityToken": "a\r\nx-evil: 1" }],
    ["no expiry", { "Credentials.Expiration": "soon" }],
  ] as const) {
    test(`an answer with ${name} is a failure and is not kept`, async () => {
      const cache = memoryCache();
      cloud.faults.set({ operation: "AssumeRole", kind: "wrongTypes", set });
      const run = cloudRun(cloud, { cache });
      const identity = await identityOf(run, chained({ roleArn: roleAssume }));
      const failure = await failureOf(identity.credentials(run));
      expect(failure.code).toBe("CredentialsInvalid");
      expect(failure.message).toContain(roleAssume);
      expect([...cache.entries.keys()].filter((name) => name.startsWith("session"))).toEqual([]);
    });
  }
});
