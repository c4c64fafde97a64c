import { describe, expect, test } from "bun:test";
import { oidcProvider, rolePodPuller } from "../cloud/defaultWorld.ts";
import { leaveOfToken } from "../support/cachedToken.ts";
import type { RunResult } from "../support/executable.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { accessKey, CORP, corpEntry, IMAGE } from "./nodes.ts";

const podIdentity = { source: "serviceAccountToken", roleArn: rolePodPuller, oidcProviderArn: oidcProvider };
const timeouts = { total: "3s", request: "1s" };
const at = useSimulatedNode({ identity: podIdentity, registries: [corpEntry], timeouts });

const outages = {
  "STS is down": ["AssumeRoleWithOIDC", { kind: "status", status: 503 }],
  "STS closes every connection": ["AssumeRoleWithOIDC", { kind: "reset" }],
  "STS does not answer": ["AssumeRoleWithOIDC", { kind: "hang" }],
  "STS throttles": ["AssumeRoleWithOIDC", { kind: "throttle" }],
  "ACR is down": ["GetAuthorizationToken", { kind: "status", status: 502 }],
} as const;

const refusals = {
  "RAM refuses the role": ["AssumeRoleWithOIDC", "NoPermission"],
  "ACR refuses the token": ["GetAuthorizationToken", "NoPermission"],
  "the instance does not exist": ["GetAuthorizationToken", "INSTANCE_NOT_EXIST"],
} as const;

function pull(serviceAccount = "puller", image = IMAGE): Promise<RunResult> {
  return at.node.pull(image, {
    serviceAccountToken: at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount }),
  });
}

/** The credentials of an answer that the kubelet must not keep. */
function answered({ status, stdout, stderr }: RunResult): { username: string; password: string } {
  expect([status, stderr === ""]).toEqual([0, false]);
  const { auth, cacheDuration } = JSON.parse(stdout);
  expect(cacheDuration).toBe("0s");
  expect(Object.keys(auth)).toEqual([CORP]);
  return auth[CORP];
}

describe("a pod's own identity in an outage, so that its container can start again", () => {
  for (const [name, [operation, effect]] of Object.entries(outages)) {
    test(`${name}: credentials that open nothing, and the reason in log and on stderr`, async () => {
      at.cloud.faults.set({ operation, ...effect });
      const result = await pull();
      const { username, password } = answered(result);
      expect(at.cloud.acceptsRegistryLogin(username, password)).toBeUndefined();
      expect(username).toContain("cannot-be-reached");
      expect(result.stderr).toContain(operation);
      const [line] = at.node.log();
      expect(line).toMatchObject({
        level: "error",
        outcome: "failed",
        error: { message: expect.any(String) },
      });
      expect(String(line?.warnings)).toContain("credentials that open nothing");
    });
  }

  test("the last token, where there was one", async () => {
    const first = JSON.parse((await pull()).stdout).auth[CORP];
    await leaveOfToken(at.node.cacheDirectory, 30_000);
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "status", status: 503 });
    expect(answered(await pull())).toEqual(first);
    expect(String(at.node.log().at(-1)?.warnings)).toContain("the last token");
  });

  test("an expired token too: the node's clock may be ahead", async () => {
    const first = JSON.parse((await pull()).stdout).auth[CORP];
    await leaveOfToken(at.node.cacheDirectory, -60_000, 3_600_000);
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "status", status: 503 });
    expect(answered(await pull())).toEqual(first);
  });

  test("where the instance would have to be looked up", async () => {
    at.node.configure({ identity: podIdentity, timeouts });
    at.cloud.faults.set({ operation: "ListInstance", kind: "status", status: 503 });
    answered(await pull());
  });

  test("explain says what is the matter", async () => {
    at.cloud.faults.set({ operation: "AssumeRoleWithOIDC", kind: "status", status: 503 });
    const token = `${at.node.directory}/token`;
    await Bun.write(
      token,
      at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" }),
    );
    const { status, stdout } = await at.node.run(["explain", IMAGE, "--fetch", "--token-file", token]);
    expect(status).toBe(1);
    expect(stdout).toContain("outcome     failed");
    expect(stdout).toContain("AssumeRoleWithOIDC");
  });
});

describe("is refused, and not answered, ", () => {
  for (const [name, [operation, code]] of Object.entries(refusals)) {
    test(`when ${name}`, async () => {
      at.cloud.faults.set({ operation, kind: "error", code, status: 403 });
      expect((await pull()).status).toBe(1);
    });
  }

  test("when access refuses the pod, whatever is down", async () => {
    at.node.configure({ identity: podIdentity, timeouts, access: { namespaces: ["other"] } });
    at.cloud.faults.set({ operation: "ListInstance", kind: "status", status: 503 });
    const { status, stderr } = await pull();
    expect(status).toBe(1);
    expect(stderr).toContain("AccessDeniedNamespace");
    expect(at.cloud.requests).toEqual([]);
  });

  test("when answerInOutage is off", async () => {
    at.node.configure({ identity: podIdentity, registries: [corpEntry], timeouts, answerInOutage: false });
    at.cloud.faults.set({ operation: "AssumeRoleWithOIDC", kind: "status", status: 503 });
    expect((await pull()).status).toBe(1);
  });

  test("for a node's identity", async () => {
    at.node.configure({ identity: accessKey, registries: [corpEntry], timeouts });
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "status", status: 503 });
    expect((await pull()).status).toBe(1);
  });

  test("for a pod without a token, whose fallback is the node", async () => {
    at.node.configure({
      identity: { ...podIdentity, fallback: accessKey },
      registries: [corpEntry],
      timeouts,
    });
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "status", status: 503 });
    expect((await at.node.pull(IMAGE)).status).toBe(1);
  });
});
