import { describe, expect, test } from "bun:test";
import {
  inactiveKeyA,
  instanceCorp,
  instanceShared,
  keyA,
  nodeRoleName,
  oidcProvider,
  powerlessKeyA,
  roleAcr,
  roleAcrForAccountA,
  roleAnyPod,
  roleAssume,
} from "../cloud/defaultWorld.ts";
import { checkOf, checksOf, statusesOf } from "../support/doctor.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const at = useSimulatedNode();
const key = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const fast = { timeouts: { total: "10s", request: "1s" } };

function configured(identity: Record<string, unknown>, more: Record<string, unknown> = {}) {
  at.node.configure({ identity, defaultRegion: "cn-hangzhou", ...fast, ...more });
  return checksOf(at, "identity");
}

describe("every link of the chain says who it is", () => {
  test("the node's role, by the metadata service", async () => {
    const checks = await configured({ source: "ecsRamRole" });
    expect(statusesOf(checks)).toEqual(["metadata ok", "source ok"]);
    expect(checkOf(checks, "metadata").found).toContain(`the node's RAM role is ${nodeRoleName}`);
    expect(checkOf(checks, "source").found).toContain(`:assumed-role/${nodeRoleName}/i-bp1`);
    expect(at.cloud.calls("GetCallerIdentity")).toHaveLength(1);
  });

  test("an AccessKey and two roles after it, and no metadata service", async () => {
    const assumeRoles = [{ roleArn: roleAssume }, { roleArn: roleAcr }];
    const checks = await configured({ ...key, assumeRoles });
    expect(statusesOf(checks)).toEqual([
      "metadata skipped",
      "source ok",
      "assumeRoles[0] ok",
      "assumeRoles[1] ok",
    ]);
    expect(checkOf(checks, "assumeRoles[1]").found).toContain(":assumed-role/role-acr/");
    expect(at.cloud.requests.filter(({ service }) => service === "metadata")).toEqual([]);
  });

  test("the identity of an entry has its own path, one that is shared is asked once", async () => {
    const checks = await configured(key, {
      registries: [
        { instanceId: instanceCorp },
        { instanceId: instanceShared },
        { regionId: "cn-hangzhou", identity: { source: "ecsRamRole" } },
      ],
    });
    const subjects = checks.filter(({ id }) => id === "source").map(({ subject }) => subject);
    expect(subjects).toEqual(["identity (accessKey)", "registries[2].identity (ecsRamRole)"]);
  });

  test("pods' own identities are left out, with the way to try one; their fallback is asked", async () => {
    const own = { source: "serviceAccountToken", roleArn: roleAnyPod, oidcProviderArn: oidcProvider };
    const checks = await configured({ ...own, fallback: key });
    expect(statusesOf(checks)).toEqual(["metadata skipped", "source skipped", "source ok"]);
    expect(checks[1]?.remedy).toContain("kubectl create token NAME -n NAMESPACE --audience sts.aliyuncs.com");
    expect(checks[2]?.subject).toBe("identity.fallback (accessKey)");
  });

  test("--offline asks nobody", async () => {
    at.node.configure({ identity: { source: "ecsRamRole" } });
    const checks = await checksOf(at, "identity", ["--offline"]);
    expect(statusesOf(checks)).toEqual(["source skipped"]);
    expect(at.cloud.requests).toEqual([]);
  });
});

type Row = [
  name: string,
  identity: Record<string, unknown>,
  prepare: () => void,
  id: string,
  status: string,
  found: string | RegExp,
  remedy: string | RegExp,
];

const rows: Row[] = [
  [
    "no role is attached to the node",
    { source: "ecsRamRole" },
    () => {
      at.cloud.world.node.roleName = null;
    },
    "metadata",
    "failed",
    "no RAM role is attached to this node",
    "Attach/Detach RAM Role",
  ],
  [
    "the metadata service does not answer",
    { source: "ecsRamRole" },
    () => at.cloud.faults.set({ operation: "MetadataToken", kind: "hang" }),
    "metadata",
    "failed",
    "the ECS metadata service does not answer",
    "on ECS, check that the metadata service is enabled",
  ],
  [
    "an AccessKey that is not there",
    { ...key, accessKeyId: "LTAInobody" },
    () => {},
    "source",
    "failed",
    /GetCallerIdentity: .*InvalidAccessKeyId.NotFound, request id/,
    "check the AccessKey ID",
  ],
  [
    "an AccessKey that is disabled",
    { ...key, accessKeyId: inactiveKeyA.id, accessKeySecret: inactiveKeyA.secret },
    () => {},
    "source",
    "failed",
    "InvalidAccessKeyId.Inactive",
    "enable that AccessKey in RAM",
  ],
  [
    "a secret of another AccessKey",
    { ...key, accessKeySecret: "not-the-secret-of-it" },
    () => {},
    "source",
    "failed",
    "SignatureDoesNotMatch",
    "check the AccessKey secret",
  ],
  [
    "a key directory that is not there",
    { source: "accessKey", directory: "/nonexistent/key" },
    () => {},
    "source",
    "failed",
    "/nonexistent/key",
    /./,
  ],
  [
    "a role that does not trust the caller",
    { ...key, assumeRoles: [{ roleArn: roleAcr }] },
    () => {},
    "assumeRoles[0]",
    "failed",
    `assume role ${roleAcr} as accessKey`,
    `admit it in the trust policy of ${roleAcr}`,
  ],
  [
    "a caller that may assume no role",
    {
      ...key,
      accessKeyId: powerlessKeyA.id,
      accessKeySecret: powerlessKeyA.secret,
      assumeRoles: [{ roleArn: roleAcrForAccountA }],
    },
    () => {},
    "assumeRoles[0]",
    "failed",
    "NoPermission",
    "grant sts:AssumeRole (AliyunSTSAssumeRoleAccess) to the RAM user of AccessKey LTAI",
  ],
  [
    "STS that cannot be asked by an identity that does not need it",
    key,
    () => at.cloud.faults.set({ operation: "GetCallerIdentity", kind: "reset" }),
    "source",
    "warning",
    /^the credentials of accessKey .* are there, and STS cannot be asked whose they are/,
    /./,
  ],
];

describe("a link that does not hold", () => {
  for (const [name, identity, prepare, id, status, found, remedy] of rows) {
    test(name, async () => {
      prepare();
      const check = checkOf(await configured(identity), id);
      at.cloud.world.node.roleName = nodeRoleName;
      expect(check.status).toBe(status as typeof check.status);
      expect(check.found).toMatch(found);
      expect(check.remedy).toMatch(remedy);
    });
  }

  test("what comes after it is not tried", async () => {
    const assumeRoles = [{ roleArn: roleAcr }, { roleArn: roleAcrForAccountA }];
    const checks = await configured({ ...key, assumeRoles });
    expect(checkOf(checks, "assumeRoles[1]")).toMatchObject({
      status: "skipped",
      found: "not tried: assumeRoles[0] failed",
    });
  });
});
