import { describe, expect, test } from "bun:test";
import { annotationNames } from "../../../src/access/annotations.ts";
import { instanceCorp, instanceShared, instanceTeamA } from "../../cloud/defaultWorld.ts";
import { withAnnotations } from "../support/annotated.ts";
import { corp, useIdentityNode } from "../support/identityNode.ts";
import { expectFailure, opened, operations } from "../support/outcomes.ts";

const at = useIdentityNode();
const { configure, pull } = withAnnotations(at);
const { instanceIds } = annotationNames;
const ofNode = { source: "ecsRamRole" };
const CUSTOM = "images.example.com/apps/web";

describe(instanceIds, () => {
  const found: [image: string, ids: string, instanceId: string][] = [
    [CUSTOM, instanceCorp, instanceCorp],
    [CUSTOM, `cn-hangzhou:${instanceCorp}`, instanceCorp],
    [CUSTOM, `cn-beijing:${instanceTeamA}, ${instanceCorp}`, instanceCorp],
    ["team-a-registry.cn-beijing.cr.aliyuncs.com/x", `cn-beijing:${instanceTeamA}`, instanceTeamA],
    ["team-a-registry.cn-beijing.cr.aliyuncs.com/x", `${instanceCorp},${instanceTeamA}`, instanceTeamA],
  ];
  for (const [image, ids, instanceId] of found) {
    test(`${ids}: ${image}`, async () => {
      configure(ofNode, [], { registries: [{ regionId: "cn-hangzhou" }] });
      expect(opened(at.cloud, await pull(image, { [instanceIds]: ids })).instanceId).toBe(instanceId);
    });
  }

  for (const region of [
    "oss-cn-hangzhou",
    "dh-cn-hangzhou",
    "cr-vpc",
    "cn-hangzhou.oss",
    "cn-hangzhou/",
    "vpc",
    "",
  ]) {
    test(`no request is signed for a host below aliyuncs.com that is not a region's: ${region}:cri-x`, async () => {
      configure(ofNode, [], { registries: [{ regionId: "cn-hangzhou" }], endpoints: {} });
      const result = await pull(CUSTOM, { [instanceIds]: `${region}:${instanceCorp}` });
      expectFailure(at.cloud, result, ["AccessDeniedAnnotation", "[REGION:]cri-…"]);
      expect(at.cloud.requests).toEqual([]);
    });
  }

  const notOwned: [image: string, ids: string][] = [
    ["evil.example.com/apps/web", instanceCorp],
    ["images.example.com.evil.example/apps/web", instanceCorp],
    ["evil.example/images.example.com/apps/web", instanceCorp],
    [CUSTOM, `cn-beijing:${instanceTeamA}`],
    ["shared.example.com/apps/web", `${instanceCorp},cn-beijing:${instanceTeamA}`],
  ];
  for (const [image, ids] of notOwned) {
    test(`${image} is no host of ${ids}, and is never given credentials`, async () => {
      configure(ofNode, [], { registries: [{ regionId: "cn-hangzhou" }] });
      const { status, stdout } = await pull(image, { [instanceIds]: ids });
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ auth: {}, cacheDuration: "0s" });
      expect(operations(at.cloud)).not.toContain("GetAuthorizationToken");
    });
  }

  test("a host that the config names stays with the config's instance, whoever else claims it", async () => {
    const other = at.cloud.world.instances.find(({ instanceId }) => instanceId === instanceTeamA);
    other?.endpoints[0]?.domains.push({ domain: "images.example.com", type: "USER" });
    configure(ofNode, [], { registries: [{ ...corp, domains: ["images.example.com"] }] });
    const result = await pull(CUSTOM, { [instanceIds]: `cn-beijing:${instanceTeamA}` });
    expect(opened(at.cloud, result).instanceId).toBe(instanceCorp);
  });

  test("an instance of another account that the identity cannot see is a failure, not credentials", async () => {
    configure(ofNode);
    const result = await pull("shared.example.com/apps/web", { [instanceIds]: instanceShared });
    expectFailure(at.cloud, result, [instanceShared, "INSTANCE_NOT_EXIST"]);
  });
});
