import fc from "fast-check";
import type { AssumeRoleConfig, IdentityConfig, IdentitySource } from "../../../src/config/config.ts";
import {
  accountA,
  accountB,
  instanceCorp,
  instanceShared,
  keyA,
  keyB,
  nodeRoleName,
  oidcProvider,
  roleAnyPod,
  rolePodPuller,
} from "../../cloud/defaultWorld.ts";
import type { World } from "../../cloud/model/world.ts";

/** A config: two registries, each with its identity; `allowed` undefined: annotations are not enabled. */
export interface Setup {
  readonly registries: readonly { readonly instance: typeof corp; readonly identity: IdentityConfig }[];
  readonly allowed: string[] | undefined;
}

export interface Pull {
  readonly registry: number;
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
  readonly annotations: {
    readonly serviceArns: readonly string[];
    readonly userArns: readonly string[];
    readonly roleName: string;
  };
}

const corp = { instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" };
const shared = { instanceId: instanceShared, instanceName: "shared", regionId: "cn-hangzhou" };
const owners = new Map([
  [instanceCorp, accountA],
  [instanceShared, accountB],
]);

/** Roles x and y of both accounts, which every user and role of both accounts may assume. */
const openRoles = [accountA, accountB].flatMap((id) =>
  ["x", "y"].map((name) => `acs:ram::${id}:role/${name}`),
);

export function addOpenRoles({ accounts }: World): void {
  const everything = { actions: ["sts:AssumeRole", "cr:*"] };
  const trust = [accountA, accountB].map((id) => ({ principal: { ram: [`acs:ram::${id}:root`] } }));
  for (const { users, roles } of accounts) {
    for (const name of ["x", "y"]) {
      roles.push({ name, trust, permissions: [everything], maxSessionDurationSeconds: 3600 });
    }
    for (const user of users) user.permissions.push(everything);
  }
}

const noPulls = JSON.stringify({
  Version: "1",
  Statement: [{ Effect: "Allow", Action: "cr:GetAuthorizationToken", Resource: "*" }],
});
const openRole = fc.constantFrom(...openRoles);
const assumeRoles = fc.array(
  fc.record(
    {
      roleArn: openRole,
      sessionName: fc.constantFrom("one", "two"),
      policy: fc.constant(noPulls),
      durationSeconds: fc.constant(1800),
    },
    { requiredKeys: ["roleArn"] },
  ),
  { maxLength: 2 },
) as fc.Arbitrary<AssumeRoleConfig[]>;

const node: IdentityConfig = { source: "ecsRamRole", assumeRoles: [] };
const sources = fc.constantFrom<IdentitySource[]>(
  { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret },
  { source: "accessKey", accessKeyId: keyB.id, accessKeySecret: keyB.secret },
  { source: "ecsRamRole" },
  { source: "ecsRamRole", roleName: nodeRoleName },
  { source: "serviceAccountToken", oidcProviderArn: oidcProvider, roleArn: roleAnyPod },
  { source: "serviceAccountToken", oidcProviderArn: oidcProvider, roleArn: rolePodPuller, fallback: node },
);
const identities = fc
  .tuple(sources, assumeRoles)
  .map(([source, roles]): IdentityConfig => ({ ...source, assumeRoles: roles }));

export const setups: fc.Arbitrary<Setup> = fc
  .tuple(identities, identities, fc.option(fc.subarray(openRoles), { nil: undefined }))
  .map(([first, second, allowed]) => ({
    registries: [
      { instance: corp, identity: first },
      { instance: shared, identity: second },
    ],
    allowed,
  }));

const fewRoles = fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(openRole, { maxLength: 2 }));
export const pulls: fc.Arbitrary<Pull> = fc.record({
  registry: fc.nat({ max: 1 }),
  serviceAccount: fc.option(
    fc.constantFrom(
      { namespace: "apps", name: "puller" },
      { namespace: "apps", name: "web" },
      { namespace: "apps-web", name: "web" },
    ),
    { nil: undefined },
  ),
  annotations: fc.record({
    serviceArns: fewRoles,
    userArns: fewRoles,
    roleName: fc.constantFrom("", "", "any-pod", "pod-puller", "x"),
  }),
});

/** What must come of a pull, worked out from the rules of the contract (section 5) and of RAM alone. */
export function expectedOutcome({ registries, allowed }: Setup, pull: Pull): string {
  const { identity, instance } = registries[pull.registry] ?? { identity: node, instance: corp };
  const usesPods = registries.some(({ identity: { source } }) => source === "serviceAccountToken");
  const pod = allowed !== undefined || usesPods ? pull.serviceAccount : undefined;
  const asked = allowed !== undefined && pod !== undefined ? pull.annotations : undefined;
  const before = [...(asked?.serviceArns ?? [])];
  const after = asked?.userArns ?? [];
  const plain = (arns: readonly string[]) => arns.map((roleArn): AssumeRoleConfig => ({ roleArn }));

  if (identity.source === "serviceAccountToken") {
    if (pod === undefined)
      return identity.fallback ? finish(principalOf(node), [], undefined, instance) : "nobody";
    if (asked?.roleName) before.unshift(`acs:ram::${accountA}:role/${asked.roleName}`);
    const first = before.shift() ?? identity.roleArn ?? "";
    const who = `${pod.namespace}.${pod.name}`;
    if (first !== roleAnyPod && !(first === rolePodPuller && who === "apps.puller")) return "nobody";
    const chain = [...plain([first]), ...plain(before), ...identity.assumeRoles, ...plain(after)];
    return finish("", chain, who, instance);
  }
  if ([...before, ...after].some((arn) => !allowed?.includes(arn))) return "nobody";
  const chain = [...plain(before), ...identity.assumeRoles, ...plain(after)];
  return finish(principalOf(identity), chain, undefined, instance);
}

function principalOf(identity: IdentityConfig): string {
  if (identity.source === "ecsRamRole")
    return `acs:ram::${accountA}:assumed-role/${nodeRoleName}/i-bp1example0000000000`;
  return "accessKeyId" in identity && identity.accessKeyId === keyA.id
    ? `acs:ram::${accountA}:user/puller`
    : `acs:ram::${accountB}:user/registry-owner`;
}

/** The chain's last session, if RAM lets it get there and ACR lets its account see the instance. */
function finish(
  principal: string,
  chain: readonly AssumeRoleConfig[],
  who = "aliyun-acr-credential-provider",
  instance: typeof corp,
): string {
  const last = chain.at(-1);
  // A session policy that grants one action of ACR's grants no sts:AssumeRole either.
  if (chain.slice(0, -1).some(({ policy }) => policy !== undefined)) return "nobody";
  const caller =
    last === undefined
      ? principal
      : `${last.roleArn.replace(":role/", ":assumed-role/")}/${last.sessionName ?? `${who}@node`}`;
  if (caller.split(":")[3] !== owners.get(instance.instanceId)) return "nobody";
  return `${caller} ${instance.instanceId} ${last?.policy === undefined ? "pulls" : "does not pull"}`;
}
