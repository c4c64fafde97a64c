import type { Cloud } from "../../cloud/cloud.ts";
import {
  accountB,
  instanceCorp,
  instanceShared,
  keyA,
  minimalKeyA,
  nodeRoleName,
  powerlessKeyA,
  roleAcr,
  roleAcrExternal,
  roleAcrForAccountA,
  roleAssume,
} from "../../cloud/defaultWorld.ts";
import type { MistakeGroup } from "../mistake.ts";

const node = { source: "ecsRamRole" };
const key = ({ id, secret }: { id: string; secret: string }) => ({
  source: "accessKey",
  accessKeyId: id,
  accessKeySecret: secret,
});
const SHARED = "shared-registry.cn-hangzhou.cr.aliyuncs.com/apps/web";

/** An entry of the other account's instance, reached by this role. */
function through(role: Record<string, unknown>, identity: object = node) {
  return {
    registries: [{ instanceId: instanceShared, instanceName: "shared", regionId: "cn-hangzhou" }],
    identity: { ...identity, assumeRoles: [role] },
  };
}

function takeFromNodeRole(cloud: Cloud, ...actions: string[]): undefined {
  for (const role of cloud.world.accounts.flatMap(({ roles }) => roles)) {
    if (role.name !== nodeRoleName) continue;
    for (const permission of role.permissions) {
      permission.actions = permission.actions.filter((action) => !actions.includes(action));
    }
  }
  return undefined;
}

/** What RAM has to admit. */
export const permissions: MistakeGroup = {
  title: "Permissions and roles in RAM",
  mistakes: [
    {
      title: "The node's role has no permission for ACR",
      made: "A RAM policy without `cr:GetAuthorizationToken`, as ACK's worker roles have since 2023-04-03.",
      prepare: (cloud) => takeFromNodeRole(cloud, "cr:GetAuthorizationToken"),
    },
    {
      title: "The RAM user has no permission for ACR",
      made: "The AccessKey of a RAM user without any policy.",
      config: { identity: key(powerlessKeyA) },
    },
    {
      title: "Without any entry, the identity may not list instances",
      made: "`registries` is empty, and the policy is the minimum of the product's documentation, without `cr:ListInstance`.",
      config: { registries: [], identity: key(minimalKeyA) },
    },
    {
      title: "The identity may not list the domains of the instance",
      made: "An entry without `domains`, an image of a custom domain, and a policy without `cr:ListInstanceEndpoint`.",
      config: { registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }] },
      image: "images.example.com/apps/web",
      prepare: (cloud) => takeFromNodeRole(cloud, "cr:ListInstanceEndpoint"),
    },
    {
      title: "The trust policy of the other account's role does not admit the node's role",
      made: "`assumeRoles` names a role whose trust policy names somebody else.",
      config: through({ roleArn: roleAcr }),
      image: SHARED,
    },
    {
      title: "The trust policy asks for an external ID, which is not configured",
      made: "A condition on `sts:ExternalId` in the trust policy, and no `externalId` beside `roleArn`.",
      config: through({ roleArn: roleAcrExternal }),
      image: SHARED,
    },
    {
      title: "The external ID is another one",
      made: "`externalId: external-id-exmaple`.",
      config: through({ roleArn: roleAcrExternal, externalId: "external-id-exmaple" }),
      image: SHARED,
    },
    {
      title: "The node's role may not assume roles",
      made: "A RAM policy without `sts:AssumeRole`.",
      config: through({ roleArn: roleAcrForAccountA }),
      image: SHARED,
      prepare: (cloud) => takeFromNodeRole(cloud, "sts:AssumeRole"),
    },
    {
      title: "In a chain of roles, the second one does not admit the first",
      made: "Two entries in `assumeRoles`; the second role's trust policy names the node's role instead of the first role.",
      config: {
        ...through({}),
        identity: { ...node, assumeRoles: [{ roleArn: roleAssume }, { roleArn: roleAcrExternal }] },
      },
      image: SHARED,
    },
    {
      title: "The role to assume does not exist",
      made: "The name in `roleArn` is misspelt.",
      config: through({ roleArn: `acs:ram::${accountB}:role/role-arc` }),
      image: SHARED,
    },
    {
      title: "The session is to live longer than the role allows",
      made: "`durationSeconds: 43200`, and a role whose MaxSessionDuration is an hour.",
      config: through({ roleArn: roleAcrForAccountA, durationSeconds: 43_200 }),
      image: SHARED,
    },
    {
      title: "The session policy is not a RAM policy",
      made: '`policy: \'{"Version": "1"}\'`.',
      config: through({ roleArn: roleAcrForAccountA, policy: '{"Version": "1"}' }),
      image: SHARED,
    },
    {
      title: "The AccessKey of the root account assumes a role",
      made: "`source: accessKey` with the account's own AccessKey, and `assumeRoles`.",
      config: through({ roleArn: roleAcrForAccountA }, key(keyA)),
      image: SHARED,
      fault: {
        operation: "AssumeRole",
        kind: "error",
        code: "NoPermission",
        message: "Roles may not be assumed by root accounts.",
      },
    },
    {
      title: "The assumed role has no permission in its own account",
      made: "The trust policy admits the node's role, and the role has no RAM policy for ACR.",
      config: through({ roleArn: roleAcrForAccountA }),
      image: SHARED,
      prepare: (cloud) => {
        for (const role of cloud.world.accounts[1]?.roles ?? []) role.permissions = [];
        return undefined;
      },
    },
  ],
};
