import { oidcProviderArn, roleArn, rootArn } from "./model/arn.ts";
import type { EnterpriseInstance, Permission, TrustStatement, World } from "./model/world.ts";

/** The account that owns the cluster. */
export const accountA = "1609982529000000";
/** The account that owns a shared registry. */
export const accountB = "1298452580000000";

/** Access keys of RAM users; all secrets contain CANARY. */
export const keyA = { id: "LTAIexampleA", secret: "CANARYsecretOfUserA0000000000" };
/** A key that has only the minimum policy of the documentation: no `cr:ListInstance`. */
export const minimalKeyA = { id: "LTAIminimalA", secret: "CANARYsecretOfMinimalA0000000" };
export const inactiveKeyA = { id: "LTAIinactiveA", secret: "CANARYsecretOfInactiveA000000" };
/** A key without any permission. */
export const powerlessKeyA = { id: "LTAIpowerlessA", secret: "CANARYsecretOfPowerlessA00000" };
export const keyB = { id: "LTAIexampleB", secret: "CANARYsecretOfUserB0000000000" };

/** The role of the node, trusted by ECS. */
export const nodeRoleName = "KubernetesWorkerRole-example";
/** Role in A, trusted by ECS, ECI and account A; may assume `roleAcr`. */
export const roleAssume = roleArn(accountA, "role-assume");
/** Role in B that trusts only `roleAssume`. */
export const roleAcr = roleArn(accountB, "role-acr");
/** Role in B that trusts everyone in account A. */
export const roleAcrForAccountA = roleArn(accountB, "role-acr-for-account-a");
/** Role in B that trusts account A with the external ID `external-id-example`. */
export const roleAcrExternal = roleArn(accountB, "role-acr-external");
export const externalId = "external-id-example";
/** Role in A for `system:serviceaccount:apps:puller`. */
export const rolePodPuller = roleArn(accountA, "pod-puller");
/** Role in A for every service account. */
export const roleAnyPod = roleArn(accountA, "any-pod");
/** Role in A whose sessions the credentials URI hands out. */
export const roleUriPuller = roleArn(accountA, "uri-puller");

export const oidcIssuer = "https://oidc.example.com";
export const oidcProvider = oidcProviderArn(accountA, "ack-rrsa-example");

/** The Enterprise instance `corp` of A in cn-hangzhou, with the custom domain images.example.com. */
export const instanceCorp = "cri-corp000000000000";
/** The Enterprise instance `team-a` of A in cn-beijing. */
export const instanceTeamA = "cri-beij000000000000";
/** The Enterprise instance `shared` of B in cn-hangzhou, with the custom domain shared.example.com. */
export const instanceShared = "cri-shared0000000000";

const minimum: Permission = {
  actions: ["cr:GetAuthorizationToken", "cr:ListInstanceEndpoint", "cr:PullRepository"],
};
const pulling: Permission = { actions: [...minimum.actions, "cr:ListInstance"] };
const assuming: Permission = { actions: ["sts:AssumeRole"] };

/** A new copy of the default model: see the constants above for what is in it. */
export function defaultWorld(): World {
  return structuredClone({
    accounts: [
      {
        id: accountA,
        users: [
          user("puller", keyA, [pulling, assuming]),
          user("minimal", minimalKeyA, [minimum]),
          {
            ...user("inactive", inactiveKeyA, [pulling]),
            accessKeys: [{ ...inactiveKeyA, status: "Inactive" }],
          },
          user("powerless", powerlessKeyA, []),
        ],
        roles: [
          role(nodeRoleName, [service("ecs.aliyuncs.com")], [pulling, assuming]),
          role(
            "role-assume",
            [service("ecs.aliyuncs.com", "eci.aliyuncs.com"), ram(rootArn(accountA))],
            [pulling, assuming],
          ),
          role(
            "pod-puller",
            [federated("StringEquals", "system:serviceaccount:apps:puller")],
            [pulling, assuming],
          ),
          role("any-pod", [federated("StringLike", "system:serviceaccount:*:*")], [pulling, assuming]),
          role("uri-puller", [service("ecs.aliyuncs.com")], [pulling, assuming]),
        ],
        oidcProviders: [{ name: "ack-rrsa-example", issuer: oidcIssuer, clientIds: ["sts.aliyuncs.com"] }],
      },
      {
        id: accountB,
        users: [user("registry-owner", keyB, [pulling])],
        roles: [
          role("role-acr", [ram(roleAssume)], [pulling]),
          role("role-acr-for-account-a", [ram(rootArn(accountA))], [pulling]),
          role(
            "role-acr-external",
            [{ ...ram(rootArn(accountA)), conditions: { StringEquals: { "sts:ExternalId": externalId } } }],
            [pulling],
          ),
        ],
        oidcProviders: [],
      },
    ],
    instances: [
      instance(accountA, "cn-hangzhou", instanceCorp, "corp", "images.example.com"),
      instance(accountA, "cn-beijing", instanceTeamA, "team-a"),
      instance(accountB, "cn-hangzhou", instanceShared, "shared", "shared.example.com"),
    ],
    personalInstances: [
      { accountId: accountA, regionId: "cn-hangzhou" },
      { accountId: accountA, regionId: "cn-beijing" },
    ],
    node: {
      regionId: "cn-hangzhou",
      zoneId: "cn-hangzhou-i",
      instanceId: "i-bp1example0000000000",
      vpcId: "vpc-example",
      accountId: accountA,
      roleName: nodeRoleName,
      httpTokens: "required",
      credentialsLifeSeconds: 6 * 3600,
    },
    credentialsUri: { roleArn: roleUriPuller, credentialsLifeSeconds: 3600 },
  } satisfies World);
}

/** An instance with its default domains, public and VPC, and custom ones. */
export function instance(
  accountId: string,
  regionId: string,
  instanceId: string,
  instanceName: string,
  ...customDomains: string[]
): EnterpriseInstance {
  const system = (network: string) => ({
    domain: `${instanceName}-registry${network}.${regionId}.cr.aliyuncs.com`,
    type: "SYSTEM" as const,
  });
  const custom = customDomains.map((domain) => ({ domain, type: "USER" as const }));
  return {
    accountId,
    regionId,
    instanceId,
    instanceName,
    status: "RUNNING",
    endpoints: [
      { endpointType: "internet", enable: true, domains: [system(""), ...custom] },
      { endpointType: "vpc", enable: true, domains: [system("-vpc")] },
    ],
  };
}

function user(name: string, key: { id: string; secret: string }, permissions: Permission[]) {
  return { name, accessKeys: [{ ...key, status: "Active" as const }], permissions };
}

function role(name: string, trust: TrustStatement[], permissions: Permission[]) {
  return { name, trust, permissions, maxSessionDurationSeconds: 3600 };
}

const ram = (...arns: string[]): TrustStatement => ({ principal: { ram: arns } });

const service = (...names: string[]): TrustStatement => ({ principal: { service: names } });

/** The trust policy that ACK's documentation shows for RRSA (facts 6.3). */
function federated(operator: "StringEquals" | "StringLike", subject: string): TrustStatement {
  const same = { "oidc:iss": oidcIssuer, "oidc:aud": "sts.aliyuncs.com" };
  const conditions =
    operator === "StringEquals"
      ? { StringEquals: { ...same, "oidc:sub": subject } }
      : { StringEquals: same, StringLike: { "oidc:sub": subject } };
  return { principal: { federated: [oidcProvider] }, conditions };
}
