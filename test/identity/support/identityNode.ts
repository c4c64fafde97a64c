import { afterEach, beforeEach, expect } from "bun:test";
import { defaultWorld, instanceCorp, instanceShared } from "../../cloud/defaultWorld.ts";
import { type SimulatedNode, useSimulatedNode } from "../../support/simulatedNode.ts";

/** The host of the instance `corp` of the cluster's own account, which is configured by name. */
export const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
export const IMAGE = `${CORP}/apps/web`;
/** The host of the instance `shared` of another account. */
export const SHARED = "shared-registry.cn-hangzhou.cr.aliyuncs.com";

export const corp = { instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" };
export const shared = { instanceId: instanceShared, instanceName: "shared", regionId: "cn-hangzhou" };

/** A node of the default world, which is made anew for each test; nothing it does may break the cloud's rules. */
export function useIdentityNode(native: Record<string, unknown> = { registries: [corp] }): SimulatedNode {
  const at = useSimulatedNode(native);
  beforeEach(() => {
    Object.assign(at.cloud.world, defaultWorld());
  });
  afterEach(() => {
    expect(at.cloud.violations).toEqual([]);
  });
  return at;
}
