import { describe, expect, test } from "bun:test";
import { keyA, roleAcr } from "../../cloud/defaultWorld.ts";
import { assumeRoleCases, role, user } from "../support/assumeRoleCases.ts";
import { SHARED, shared, useIdentityNode } from "../support/identityNode.ts";
import { expectFailure, operations } from "../support/outcomes.ts";

const at = useIdentityNode();
const IMAGE = `${SHARED}/apps/web`;

describe("AssumeRole", () => {
  for (const {
    code,
    when,
    identity = user(keyA),
    assumeRole,
    effect,
    remedy,
    calls = 1,
  } of assumeRoleCases) {
    test(`${code}: ${when}`, async () => {
      const own = typeof identity === "function" ? await identity(at.cloud) : identity;
      at.cloud.requests.length = 0;
      if (effect !== undefined) at.cloud.faults.set({ operation: "AssumeRole", ...effect });
      const wanted = { roleArn: role, ...assumeRole };
      at.node.configure({ registries: [shared], identity: { ...own, assumeRoles: [wanted] } });
      expectFailure(at.cloud, await at.node.pull(IMAGE), [
        `unable to get credentials for ${IMAGE}`,
        `assume role ${wanted.roleArn} as accessKey `,
        `code ${code}`,
        "request id ",
        ...remedy,
      ]);
      expect(operations(at.cloud)).toEqual(Array(calls).fill("AssumeRole"));
    });
  }

  test("the error of a role further down the chain names that role and the one before it", async () => {
    const assumeRoles = [{ roleArn: role }, { roleArn: roleAcr }];
    at.node.configure({ registries: [shared], identity: { ...user(keyA), assumeRoles } });
    const result = await at.node.pull(IMAGE);
    expectFailure(at.cloud, result, [`assume role ${roleAcr} as accessKey`, `> ${role}: AssumeRole`]);
  });
});
