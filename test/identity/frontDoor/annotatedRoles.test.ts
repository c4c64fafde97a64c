import { describe, expect, test } from "bun:test";
import { annotationNames } from "../../../src/access/annotations.ts";
import {
  accountA,
  accountB,
  instanceCorp,
  instanceShared,
  instanceTeamA,
  nodeRoleName,
  oidcProvider,
  roleAcr,
  roleAcrForAccountA,
  roleAnyPod,
  roleAssume,
  rolePodPuller,
} from "../../cloud/defaultWorld.ts";
import { withAnnotations } from "../support/annotated.ts";
import { corp, IMAGE, SHARED, useIdentityNode } from "../support/identityNode.ts";
import { expectFailure, opened } from "../support/outcomes.ts";

const at = useIdentityNode();
const { configure, pull } = withAnnotations(at);
const { instanceIds, serviceArns, userArns, roleName } = annotationNames;
const ofNode = { source: "ecsRamRole" };
const ofPod = { source: "serviceAccountToken", oidcProviderArn: oidcProvider };

describe("roles asked of the node's identity", () => {
  const both = { [serviceArns]: roleAssume, [userArns]: roleAcr };

  test("across accounts, as in the ECI document", async () => {
    configure(ofNode, [roleAssume, `acs:ram::${accountB}:role/role-*`]);
    const result = await pull("shared.example.com/apps/web", { ...both, [instanceIds]: instanceShared });
    expect(opened(at.cloud, result)).toEqual({
      instanceId: instanceShared,
      caller: `acs:ram::${accountB}:assumed-role/role-acr/aliyun-acr-credential-provider@node-1`,
    });
    expect(at.cloud.calls("AssumeRole").map(({ parameters }) => parameters.RoleArn)).toEqual([
      roleAssume,
      roleAcr,
    ]);
  });

  const refused: [string, string[], Record<string, string>, string][] = [
    ["nothing is allowed", [], { [serviceArns]: roleAssume }, roleAssume],
    ["the first is allowed only", [roleAssume], both, roleAcr],
    ["another is allowed", [`${roleAssume}-2`], { [serviceArns]: roleAssume }, roleAssume],
    [
      "a part of the name",
      ["acs:ram::*:role/role-acr"],
      { [userArns]: roleAcrForAccountA },
      roleAcrForAccountA,
    ],
  ];
  for (const [name, allowed, annotations, role] of refused) {
    test(`${name}: refused, the role named, nobody asked`, async () => {
      configure(ofNode, allowed);
      expectFailure(at.cloud, await pull(IMAGE, annotations), [
        `the service account apps/puller asks for role ${role}`,
        "AccessDeniedRole",
        "serviceAccountAnnotations.allowedRoleArns",
      ]);
      expect(at.cloud.requests).toEqual([]);
      expect(at.node.log()[0]?.outcome).toBe("refused");
    });
  }

  test("the role's name for the pod's own application is not the node's", async () => {
    configure(ofNode);
    const result = await pull(IMAGE, { [roleName]: "any-pod" });
    expect(opened(at.cloud, result).caller).toContain(`/${nodeRoleName}/`);
  });
});

describe("roles asked of the pod's own token", () => {
  const chains: [string, identity: object, Record<string, string>, caller: string, calls: string[]][] = [
    ["its role by name", ofPod, { [roleName]: "pod-puller" }, rolePodPuller, []],
    [
      "its role by name over the configured one",
      { ...ofPod, roleArn: roleAnyPod },
      { [roleName]: "pod-puller" },
      rolePodPuller,
      [],
    ],
    ["its role by ARN", ofPod, { [serviceArns]: roleAnyPod }, roleAnyPod, []],
    [
      "the registry's role last",
      { ...ofPod, roleArn: roleAnyPod },
      { [userArns]: roleAcrForAccountA },
      roleAcrForAccountA,
      [roleAcrForAccountA],
    ],
    [
      "all of them",
      ofPod,
      { [roleName]: "pod-puller", [serviceArns]: roleAssume, [userArns]: roleAcr },
      roleAcr,
      [roleAssume, roleAcr],
    ],
  ];
  for (const [name, identity, annotations, role, calls] of chains) {
    test(name, async () => {
      configure(identity, [], {
        registries: [{ ...corp, instanceId: role.includes(accountB) ? instanceShared : instanceCorp }],
      });
      const { caller } = opened(at.cloud, await pull(IMAGE, annotations));
      expect(caller).toBe(`${role.replace(":role/", ":assumed-role/")}/apps.puller@node-1`);
      expect(at.cloud.calls("AssumeRoleWithOIDC")).toHaveLength(1);
      expect(at.cloud.calls("AssumeRole").map(({ parameters }) => parameters.RoleArn)).toEqual(calls);
    });
  }

  test("somebody else's role is refused by RAM, whatever the annotation says", async () => {
    configure(ofPod);
    const result = await pull(IMAGE, { [roleName]: "pod-puller" }, "other");
    expectFailure(at.cloud, result, [rolePodPuller, "oidc:sub system:serviceaccount:apps:other"]);
    configure(ofPod, ["*"]);
    expectFailure(at.cloud, await pull(IMAGE, { [serviceArns]: roleAssume }, "other"), [roleAssume]);
  });
});

test("a role that the node may not assume for a pod does not keep an entry with the pod's identity from it", async () => {
  const registries = [
    { instanceId: instanceTeamA, regionId: "cn-beijing" },
    { instanceId: instanceCorp, regionId: "cn-hangzhou", identity: ofPod },
  ];
  const image = "images.example.com/apps/web";
  for (const ordered of [registries, registries.toReversed()]) {
    configure(ofNode, [], { registries: ordered });
    const result = await pull(image, { [serviceArns]: roleAnyPod });
    expect(opened(at.cloud, result).caller.toLowerCase()).toContain("/any-pod/");
  }
});

describe("annotations", () => {
  const malformed: [name: string, value: string, form: string][] = [
    [instanceIds, "corp", "[REGION:]cri-…, comma-separated"],
    [instanceIds, "evil.example/:cri-a", "[REGION:]cri-…, comma-separated"],
    [instanceIds, Array(21).fill(instanceCorp).join(), "at most 20 items"],
    [serviceArns, "role-assume", "acs:ram::ACCOUNT:role/NAME"],
    [userArns, `acs:ram::${accountA}:user/puller`, "acs:ram::ACCOUNT:role/NAME"],
    [roleName, `${rolePodPuller}\nx: y`, "a role's name"],
  ];
  for (const [name, value, form] of malformed) {
    test(`${name}: ${JSON.stringify(value.slice(0, 30))} is refused, and nobody asked`, async () => {
      configure({ ...ofPod, roleArn: roleAnyPod }, ["*"]);
      expectFailure(at.cloud, await pull(IMAGE, { [name]: value }), [
        `the annotation ${name} of service account apps/puller`,
        form,
        "AccessDeniedAnnotation",
      ]);
      expect(at.cloud.requests).toEqual([]);
    });
  }

  test.each(malformed)(
    "%s: malformed, does not concern an image of another registry",
    async (name, value) => {
      configure({ ...ofPod, roleArn: roleAnyPod }, ["*"], { registries: [{ instanceId: instanceCorp }] });
      for (const image of ["docker.io/library/nginx", "localhost:5000/x", "registry.evil-aliyuncs.com/x"]) {
        const { status, stdout } = await pull(image, { [name]: value });
        expect({ status, auth: JSON.parse(stdout).auth }).toEqual({ status: 0, auth: {} });
      }
      expect(at.cloud.requests).toEqual([]);
    },
  );

  test("that are not enabled change nothing", async () => {
    at.node.configure({ registries: [corp], identity: ofNode });
    const all = {
      [instanceIds]: "nonsense",
      [serviceArns]: "nonsense",
      [userArns]: roleAcr,
      [roleName]: "?",
    };
    expect(opened(at.cloud, await pull(IMAGE, all)).caller).toContain(`/${nodeRoleName}/`);
    expectFailure(at.cloud, await pull(`${SHARED}/x`, { [instanceIds]: instanceShared }), [SHARED]);
  });
});
