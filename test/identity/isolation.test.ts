import { afterAll, expect, test } from "bun:test";
import fc from "fast-check";
import type { IdentityConfig } from "../../src/config/config.ts";
import { resolveIdentity } from "../../src/identity/resolveIdentity.ts";
import type { ServiceAccount } from "../../src/identity/serviceAccount.ts";
import { startCloud } from "../cloud/cloud.ts";
import { accountA, accountB, keyA, keyB, nodeRoleName, oidcProvider } from "../cloud/defaultWorld.ts";
import { memoryCache } from "../support/testRun.ts";
import { callerArn, cloudRun, context, pod } from "./support/cloudIdentity.ts";

/** Every service account may assume these roles of A, every user and role of A the roles of B. */
const trustsA = {
  trust: [{ principal: { ram: [`acs:ram::${accountA}:root`] } }],
  permissions: [],
  maxSessionDurationSeconds: 3600,
};
const cloud = await startCloud();
afterAll(() => cloud.stop());
for (const account of cloud.world.accounts) {
  account.roles.push({ ...structuredClone(trustsA), name: "x" }, { ...structuredClone(trustsA), name: "y" });
}
const grant = { actions: ["sts:AssumeRole"] };
for (const role of cloud.world.accounts.flatMap(({ roles }) => roles)) role.permissions.push(grant);
for (const role of cloud.world.accounts.flatMap(({ roles }) => roles)) {
  if (role.name === "x" || role.name === "y") {
    role.trust.push({ principal: { ram: [`acs:ram::${accountB}:root`] } });
  }
}
for (const user of cloud.world.accounts.flatMap(({ users }) => users)) user.permissions.push(grant);

const podToken = new Map<string, ServiceAccount>();
function account(namespace: string, serviceAccount: string): ServiceAccount {
  const name = `${namespace}/${serviceAccount}`;
  const known = podToken.get(name) ?? pod(cloud, { namespace, serviceAccount });
  podToken.set(name, known);
  return known;
}

const anyPod = `acs:ram::${accountA}:role/any-pod`;
const source = fc.oneof(
  fc.constantFrom(keyA, keyB).map(({ id, secret }) => ({
    config: { source: "accessKey", accessKeyId: id, accessKeySecret: secret },
    principal:
      id === keyA.id ? `acs:ram::${accountA}:user/puller` : `acs:ram::${accountB}:user/registry-owner`,
    session: "aliyun-acr-credential-provider",
    usesPod: false,
  })),
  fc.constantFrom({}, { roleName: nodeRoleName }).map((own) => ({
    config: { source: "ecsRamRole", ...own },
    principal: `acs:ram::${accountA}:role/${nodeRoleName}`,
    session: "aliyun-acr-credential-provider",
    usesPod: false,
  })),
  fc.constant({
    config: { source: "serviceAccountToken", roleArn: anyPod, oidcProviderArn: oidcProvider },
    principal: anyPod,
    session: "",
    usesPod: true,
  }),
);
const role = fc.record({
  roleArn: fc
    .constantFrom(accountA, accountB)
    .chain((id) => fc.constantFrom("x", "y").map((name) => `acs:ram::${id}:role/${name}`)),
  sessionName: fc.option(fc.constantFrom("one", "two"), { nil: undefined }),
});
const puller = fc.record({ namespace: fc.constantFrom("a", "a-b", "b"), name: fc.constantFrom("c", "b-c") });

/**
 * Who the cloud must see, by the model: the last role of the chain, in a session named after who pulls; without
 * roles the source itself.
 */
function expectedCaller(
  base: { principal: string; usesPod: boolean },
  roles: { roleArn: string; sessionName?: string | undefined }[],
  pulls: { namespace: string; name: string } | undefined,
): string {
  const last = roles.at(-1);
  const arn = last?.roleArn ?? base.principal;
  if (!arn.includes(":role/")) return arn;
  const assumed = arn.replace(":role/", ":assumed-role/").toLowerCase();
  if (last === undefined && !base.usesPod) return assumed;
  const who = pulls === undefined ? "aliyun-acr-credential-provider" : `${pulls.namespace}.${pulls.name}`;
  return `${assumed}/${last?.sessionName ?? `${who}@node`}`;
}

test("no identity ever receives a session obtained for another, whatever shares the cache", async () => {
  const cache = memoryCache();
  const owners = new Map<string, string>();
  const step = fc.record({
    base: source,
    roles: fc.array(role, { maxLength: 3 }),
    pulls: puller,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      for (const { base, roles, pulls } of steps) {
        const assumeRoles = roles.map(({ roleArn, sessionName }) => ({
          roleArn,
          ...(sessionName ? { sessionName } : {}),
        }));
        const config = { ...base.config, assumeRoles } as IdentityConfig;
        const pulling = base.usesPod ? pulls : undefined;
        const serviceAccount = pulling && account(pulling.namespace, pulling.name);
        const run = cloudRun(cloud, { cache, env: { NODE_NAME: "node" } });
        const identity = await resolveIdentity(run, config, {
          ...context,
          ...(serviceAccount ? { serviceAccount } : {}),
        });
        const caller = await callerArn(run, identity);
        const expected = expectedCaller(base, roles, pulling);
        if (expected.includes("/node") || roles.length > 0 || base.usesPod)
          expect(caller.toLowerCase()).toBe(expected.toLowerCase());
        else expect(caller.toLowerCase()).toStartWith(expected.toLowerCase());
        const whole = JSON.stringify([base.config, assumeRoles, pulling]);
        const owner = owners.get(identity.key);
        expect(owner ?? whole).toBe(whole);
        owners.set(identity.key, whole);
      }
    }),
    { numRuns: 40 },
  );
  expect(cloud.violations).toEqual([]);
}, 60_000);
