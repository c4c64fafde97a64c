import { describe, expect, test } from "bun:test";
import {
  accountA,
  accountB,
  externalId,
  keyA,
  oidcProvider,
  roleAcr,
  roleAcrExternal,
  roleAcrForAccountA,
  roleAnyPod,
  roleAssume,
} from "../../cloud/defaultWorld.ts";
import { roleArn } from "../../cloud/model/arn.ts";
import { leaveOfToken } from "../../support/cachedToken.ts";
import { SHARED, shared, useIdentityNode } from "../support/identityNode.ts";
import { expectFailure, opened, operations } from "../support/outcomes.ts";

const at = useIdentityNode();
const registries = [shared];
const IMAGE = `${SHARED}/apps/web`;
const PERSONAL = "registry.cn-hangzhou.aliyuncs.com/apps/web";
const env = { NODE_NAME: "node-1" };
const user = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const anyPod = { source: "serviceAccountToken", roleArn: roleAnyPod, oidcProviderArn: oidcProvider };
const ours = "aliyun-acr-credential-provider@node-1";
const session = (role: string, name = ours) => `${role.replace(":role/", ":assumed-role/")}/${name}`;

function configure(identity: object, more = {}): void {
  at.node.configure({ registries, identity, ...more });
}

/** A third account, which is where the registry's role is reached from. */
const accountC = "1500000000000000";
const roleMiddle = roleArn(accountC, "role-middle");
const roleLast = roleArn(accountB, "role-last");

function addThirdAccount(): void {
  const trusting = (arn: string) => [{ principal: { ram: [arn] } }];
  const common = { maxSessionDurationSeconds: 3600 };
  at.cloud.world.accounts.push({
    id: accountC,
    users: [],
    oidcProviders: [],
    roles: [
      {
        ...common,
        name: "role-middle",
        trust: trusting(roleAssume),
        permissions: [{ actions: ["sts:AssumeRole"] }],
      },
    ],
  });
  at.cloud.world.accounts
    .find(({ id }) => id === accountB)
    ?.roles.push({
      ...common,
      name: "role-last",
      trust: trusting(roleMiddle),
      permissions: [{ actions: ["cr:GetAuthorizationToken"] }],
    });
}

describe("a chain of", () => {
  const chains: [string, string[]][] = [
    ["one role", [roleAcrForAccountA]],
    ["two roles, as in the ECI document", [roleAssume, roleAcr]],
    ["three roles in three accounts", [roleAssume, roleMiddle, roleLast]],
  ];
  for (const [name, roles] of chains) {
    test(`${name} is gone through in order, each role by the identity before it`, async () => {
      addThirdAccount();
      configure({ ...user, assumeRoles: roles.map((role) => ({ roleArn: role })) });
      expect(opened(at.cloud, await at.node.pull(IMAGE, { env })).caller).toBe(session(roles.at(-1) ?? ""));
      const calls = at.cloud.calls("AssumeRole");
      expect(calls.map(({ parameters }) => parameters.RoleArn)).toEqual(roles);
      const callers = [
        `acs:ram::${accountA}:user/puller`,
        ...roles.slice(0, -1).map((role) => session(role)),
      ];
      expect(calls.map(({ callerArn }) => callerArn)).toEqual(callers);
    });
  }

  test("two roles, in the wrong order, fails at the first", async () => {
    configure({ ...user, assumeRoles: [{ roleArn: roleAcr }, { roleArn: roleAssume }] });
    expectFailure(at.cloud, await at.node.pull(IMAGE), [
      `assume role ${roleAcr} as accessKey`,
      "NoPermission",
    ]);
  });

  for (const source of ["ecsRamRole", "credentialsUri", "serviceAccountToken"]) {
    test(`two roles after ${source}`, async () => {
      const own = {
        ecsRamRole: {},
        credentialsUri: { uri: at.cloud.endpoints.credentialsUri },
        serviceAccountToken: { roleArn: roleAnyPod, oidcProviderArn: oidcProvider },
      }[source];
      configure({ source, ...own, assumeRoles: [{ roleArn: roleAssume }, { roleArn: roleAcr }] });
      const token = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "web" });
      const result = await at.node.pull(IMAGE, { env, serviceAccountToken: token });
      const name = source === "serviceAccountToken" ? "apps.web@node-1" : ours;
      expect(opened(at.cloud, result).caller).toBe(session(roleAcr, name));
    });
  }

  test("roles of one registry is none of the others'", async () => {
    const identity = { ...user, assumeRoles: [{ roleArn: roleAcrForAccountA }] };
    const own = { instanceId: "cri-corp000000000000", instanceName: "corp", regionId: "cn-hangzhou" };
    at.node.configure({ registries: [{ ...shared, identity }, own], identity: user });
    const [theirs, ourOwn] = [IMAGE, "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web"];
    expect(opened(at.cloud, await at.node.pull(theirs, { env })).caller).toBe(session(roleAcrForAccountA));
    expect(opened(at.cloud, await at.node.pull(ourOwn, { env })).caller).toEndWith(":user/puller");
  });
});

describe("a role's", () => {
  test("external id is sent, and without it the role refuses", async () => {
    configure({ ...user, assumeRoles: [{ roleArn: roleAcrExternal, externalId }] });
    expect(opened(at.cloud, await at.node.pull(IMAGE, { env })).caller).toBe(session(roleAcrExternal));
    configure({ ...user, assumeRoles: [{ roleArn: roleAcrExternal }] });
    expectFailure(at.cloud, await at.node.pull(IMAGE), [roleAcrExternal, "NoPermission"]);
  });

  test("policy takes permissions away", async () => {
    const Statement = [{ Effect: "Allow", Action: "cr:ListInstance", Resource: "*" }];
    const policy = JSON.stringify({ Version: "1", Statement });
    configure({ ...user, assumeRoles: [{ roleArn: roleAcrForAccountA, policy }] });
    const result = await at.node.pull(IMAGE);
    expectFailure(at.cloud, result, ["GetAuthorizationToken", "NoPermission", roleAcrForAccountA]);
  });

  test("session name and duration are those of the config", async () => {
    const role = { roleArn: roleAcrForAccountA, sessionName: "pulls.of-cluster@1", durationSeconds: 900 };
    configure({ ...user, assumeRoles: [role] });
    const result = await at.node.pull(IMAGE);
    expect(opened(at.cloud, result).caller).toBe(session(roleAcrForAccountA, "pulls.of-cluster@1"));
    expect(at.cloud.calls("AssumeRole")[0]?.parameters.DurationSeconds).toBe("900");
    // The token dies with its session, and is renewed at half of its life.
    expect(Number(/"cacheDuration":"(\d+)s"/.exec(result.stdout)?.[1])).toBeLessThanOrEqual(450);
  });

  test("session name is made valid: 64 letters, digits and .@-_", async () => {
    configure(anyPod, { registries: [{ regionId: "cn-hangzhou" }] });
    const name = (serviceAccount: string, nodeName?: string) =>
      at.node
        .pull(PERSONAL, {
          env: { NODE_NAME: "Ünode:1" },
          serviceAccountToken: at.cloud.issueServiceAccountToken({
            namespace: "apps",
            serviceAccount,
            nodeName,
          }),
        })
        .then((result) => opened(at.cloud, result).caller.split("/").at(-1));
    expect(await name("web")).toBe("apps.web@-node-1");
    expect(await name("api", "cn-hangzhou.10.0.0.1")).toBe("apps.api@cn-hangzhou.10.0.0.1");
    expect(await name(`x${"-long".repeat(20)}`)).toMatch(/^apps\.x-long[-long]{53}$/);
  });
});

describe("sessions are kept", () => {
  const chain = { ...user, assumeRoles: [{ roleArn: roleAssume }, { roleArn: roleAcr }] };

  test("so that the renewal of a token is one API call and not the whole chain", async () => {
    configure(chain);
    const first = await at.node.pull(IMAGE);
    expect(operations(at.cloud)).toEqual(["AssumeRole", "AssumeRole", "GetAuthorizationToken"]);
    await leaveOfToken(at.node.cacheDirectory, 61_000);
    at.cloud.requests.length = 0;
    const second = await at.node.pull(IMAGE);
    expect(operations(at.cloud)).toEqual(["GetAuthorizationToken"]);
    expect(opened(at.cloud, second).caller).toBe(opened(at.cloud, first).caller);
    expect(second.stdout).not.toBe(first.stdout);
  });

  test("for each pod its own", async () => {
    configure(anyPod, { registries: [{ regionId: "cn-hangzhou" }] });
    for (const serviceAccount of ["a", "b", "a", "b"]) {
      const serviceAccountToken = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount });
      const result = await at.node.pull(PERSONAL, { serviceAccountToken });
      expect(opened(at.cloud, result).caller).toContain(`/any-pod/apps.${serviceAccount}@`);
    }
    expect(at.cloud.calls("AssumeRoleWithOIDC")).toHaveLength(2);
    expect(at.cloud.calls("GetTokens(2016)")).toHaveLength(2);
  });

  test("and obtained anew when they were revoked", async () => {
    configure(chain);
    opened(at.cloud, await at.node.pull(IMAGE));
    const [kept] = at.cloud.calls("GetAuthorizationToken");
    at.cloud.revoke({ accessKeyId: kept?.accessKeyId ?? "" });
    await leaveOfToken(at.node.cacheDirectory, 61_000);
    opened(at.cloud, await at.node.pull(IMAGE));
    expect(at.cloud.calls("GetAuthorizationToken").at(-1)?.accessKeyId).not.toBe(kept?.accessKeyId);
  });
});
