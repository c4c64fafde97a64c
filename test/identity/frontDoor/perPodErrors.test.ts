import { describe, expect, test } from "bun:test";
import { corp, IMAGE, useIdentityNode } from "../support/identityNode.ts";
import { expectFailure, opened } from "../support/outcomes.ts";
import { perPodIdentity as identity, type PerPodCase, perPodCases } from "../support/perPodCases.ts";

const at = useIdentityNode();

async function failing({ token = {}, identity: own, effect, provider }: PerPodCase) {
  if (effect !== undefined) at.cloud.faults.set({ operation: "AssumeRoleWithOIDC", ...effect });
  Object.assign(at.cloud.world.accounts[0]?.oidcProviders[0] ?? {}, provider);
  // What is said is the subject here; what is answered in an outage is that of test/resilience/outage.test.ts.
  at.node.configure({ registries: [corp], identity: { ...identity, ...own }, answerInOutage: false });
  const claims = { namespace: "apps", serviceAccount: "puller", ...token };
  return at.node.pull(
    IMAGE,
    token === null ? {} : { serviceAccountToken: at.cloud.issueServiceAccountToken(claims) },
  );
}

describe("a pod with its own identity", () => {
  test("gets in", async () => {
    const claims = { namespace: "apps", serviceAccount: "puller" };
    at.node.configure({ registries: [corp], identity });
    const serviceAccountToken = at.cloud.issueServiceAccountToken(claims);
    const result = await at.node.pull(IMAGE, { serviceAccountToken });
    expect(opened(at.cloud, result).caller).toContain("/pod-puller/apps.puller@");
  });

  for (const failure of perPodCases) {
    test(`${failure.when}: ${failure.code}`, async () => {
      const result = await failing(failure);
      expectFailure(at.cloud, result, [
        `unable to get credentials for ${IMAGE}`,
        `code ${failure.code}`,
        ...failure.words,
      ]);
      if (failure.token !== null) {
        const { roleArn } = { ...identity, ...failure.identity };
        expect(result.stderr).toContain(`assume role ${roleArn} as serviceAccountToken apps/`);
        expect(result.stderr).toContain("request id ");
      }
      expect(at.cloud.calls("GetAuthorizationToken")).toEqual([]);
    });
  }

  test("is told six different things to do by the first six", async () => {
    const remedies = new Set<string>();
    for (const failure of perPodCases.slice(0, 6)) {
      const { stderr } = await failing(failure);
      remedies.add(stderr.slice(stderr.lastIndexOf("); ")));
    }
    expect(remedies.size).toBe(6);
  });

  test("the token goes to STS in the request's body, and nowhere else", async () => {
    const token = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" });
    at.node.configure({ registries: [corp], identity });
    opened(at.cloud, await at.node.pull(IMAGE, { serviceAccountToken: token }));
    for (const { operation, target, headers, parameters } of at.cloud.requests) {
      expect(`${target} ${JSON.stringify(headers)}`).not.toContain(token);
      expect(parameters.OIDCToken).toBe(operation === "AssumeRoleWithOIDC" ? token : (undefined as never));
    }
  });

  test.each([
    ["no JWT", "CANARY-no-token", "it is not a JSON Web Token"],
    ["a token that is nobody's", "eyJhbGciOiJub25lIn0.e30.c2ln", "its sub claim names no service account"],
  ])("%s is a malformed request, and is not quoted", async (_name, serviceAccountToken, cause) => {
    at.node.configure({ registries: [corp], identity });
    const result = await at.node.pull(IMAGE, { serviceAccountToken });
    expectFailure(at.cloud, result, ["ServiceAccountTokenInvalid", cause], 2);
    expect(result.stderr).not.toContain(serviceAccountToken);
    expect(at.cloud.requests).toEqual([]);
  });
});
