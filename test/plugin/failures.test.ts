import { describe, expect, test } from "bun:test";
import { instanceCorp, keyA, nodeRoleName } from "../cloud/defaultWorld.ts";
import type { Fault } from "../cloud/faults/faultBook.ts";
import type { RunResult } from "../support/executable.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const IMAGE = "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web";
const registries = [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }];
const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const timeouts = { total: "4s", request: "1s" };

const at = useSimulatedNode({ registries, identity, timeouts });

/** One line on stderr with these words and without any secret that the cloud knows of; nothing on stdout. */
function expectFailure(result: RunResult, words: readonly string[]): void {
  expect({ status: result.status, stdout: result.stdout }).toEqual({ status: 1, stdout: "" });
  expect(result.stderr.trimEnd()).not.toContain("\n");
  for (const word of [IMAGE, ...words]) expect(result.stderr).toContain(word);
  for (const secret of at.cloud.secrets) expect(result.stderr).not.toContain(secret);
}

describe("what ACR answers", () => {
  const faults: [string, Omit<Fault, "operation">, string[], number][] = [
    [
      "a refusal with HTTP 200",
      { kind: "businessError", code: "INSTANCE_NOT_EXIST" } as Fault,
      ["INSTANCE_NOT_EXIST", "request id", instanceCorp],
      1,
    ],
    [
      "no permission",
      { kind: "error", code: "NoPermission" } as Fault,
      ["NoPermission", "request id", "GetAuthorizationToken"],
      1,
    ],
    [
      "a wrong signature, echoing it",
      { kind: "error", code: "SignatureDoesNotMatch", status: 400 } as Fault,
      ["SignatureDoesNotMatch"],
      1,
    ],
    ["5xx for ever", { kind: "status", status: 503 } as Fault, ["503", "attempts"], 4],
    ["5xx without a body", { kind: "status", status: 502, body: null } as Fault, ["502"], 4],
    ["throttling for ever", { kind: "throttle" } as Fault, ["Throttling"], 4],
    ["throttling with HTTP 200", { kind: "throttle", status: 200 } as Fault, ["Throttling"], 4],
    ["resets for ever", { kind: "reset" } as Fault, ["127.0.0.1"], 4],
    ["no JSON", { kind: "malformedJson" } as Fault, ["JSON"], 0],
    ["half of an answer", { kind: "truncated" } as Fault, ["127.0.0.1"], 0],
    ["64 MiB", { kind: "hugeBody" } as Fault, ["127.0.0.1"], 0],
    ["a gzip bomb", { kind: "gzipBomb" } as Fault, ["127.0.0.1"], 0],
    ["deep JSON", { kind: "deepJson" } as Fault, ["127.0.0.1"], 0],
    ["other types", { kind: "wrongTypes" } as Fault, [], 0],
    ["a redirect", { kind: "redirect", location: "https://evil.example/" } as Fault, ["redirect"], 1],
    [
      "a Personal Edition's refusal with HTTP 500",
      { kind: "error", code: "USER_NOT_EXIST", status: 500 } as Fault,
      ["USER_NOT_EXIST"],
      1,
    ],
    ["an expired token", { kind: "expiredToken" } as Fault, ["TokenExpired", "clock"], 1],
    ["no token", { kind: "wrongTypes", remove: ["AuthorizationToken"] } as Fault, ["TokenInvalid"], 1],
  ];
  test.each(faults)("%s", async (_name, fault, words, calls) => {
    at.cloud.faults.set({ operation: "GetAuthorizationToken", ...fault } as Fault);
    expectFailure(await at.node.pull(IMAGE), words);
    if (calls > 0) expect(at.cloud.calls("GetAuthorizationToken").length).toBeLessThanOrEqual(calls);
    if (calls === 1) expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(1);
  });

  test("nothing at all: the run ends within its time and says what it waited for", async () => {
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "hang" });
    const result = await at.node.pull(IMAGE);
    expectFailure(result, [new URL(at.cloud.endpoints.acr).host, "network: auto, vpc or public"]);
    // The whole of the wait, not only its last part.
    const inAll = Number(/: waited (\d+\.\d) s for \S+ \(\d attempts\)/.exec(result.stderr)?.[1]);
    expect(inAll * 1000).toBeGreaterThan(result.ms - 1500);
    expect(inAll * 1000).toBeLessThanOrEqual(result.ms);
    expect(result.ms).toBeLessThan(4500);
  });

  test("a byte now and then", async () => {
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "slowDrip", ms: 100 });
    const result = await at.node.pull(IMAGE);
    expectFailure(result, ["waited"]);
    expect(result.ms).toBeLessThan(4500);
  });

  test.each([
    ["5xx twice", { kind: "status", status: 500, times: 2 }],
    ["throttling once", { kind: "throttle", times: 1 }],
    ["a reset once", { kind: "reset", times: 1 }],
    ["a delay", { kind: "delay", ms: 300 }],
  ] as [string, Omit<Fault, "operation">][])("%s does not fail the pull", async (_name, fault) => {
    at.cloud.faults.set({ operation: "GetAuthorizationToken", ...fault } as Fault);
    expect((await at.node.pull(IMAGE)).status).toBe(0);
  });
});

describe("what the network does", () => {
  test("nobody listens", async () => {
    at.node.configure({ registries, identity, timeouts, endpoints: { acr: "https://127.0.0.1:1" } });
    expectFailure(await at.node.pull(IMAGE), ["127.0.0.1:1", "refused"]);
  });

  test("a certificate of an unknown authority", async () => {
    at.node.configure({ registries, identity, timeouts, tls: {} });
    expectFailure(await at.node.pull(IMAGE), ["certificate", "tls.caFile"]);
    expect(at.cloud.calls("GetAuthorizationToken")).toEqual([]);
  });
});

describe("who asks", () => {
  test("an unknown AccessKey", async () => {
    at.node.configure({ registries, timeouts, identity: { ...identity, accessKeyId: "LTAIunknown" } });
    expectFailure(await at.node.pull(IMAGE), ["InvalidAccessKeyId.NotFound", "LTAIunknown"]);
  });

  test("a node without a RAM role", async () => {
    const roleName = at.cloud.world.node.roleName;
    delete at.cloud.world.node.roleName;
    at.node.configure({ registries, timeouts, identity: { source: "ecsRamRole" } });
    const result = await at.node.pull(IMAGE);
    at.cloud.world.node.roleName = roleName;
    expectFailure(result, ["RAM role"]);
  });

  test("a node's role without permission: image, instance, role, code and request id", async () => {
    const role = at.cloud.world.accounts[0]?.roles.find(({ name }) => name === nodeRoleName);
    const permissions = role?.permissions.splice(0) ?? [];
    at.node.configure({ registries, timeouts, identity: { source: "ecsRamRole" } });
    const result = await at.node.pull(IMAGE);
    role?.permissions.push(...permissions);
    expectFailure(result, [
      instanceCorp,
      "cn-hangzhou",
      "ecsRamRole",
      "node's role KubernetesWorkerRole-example",
      "NoPermission",
      "request id",
      "cr:GetAuthorizationToken",
    ]);
  });

  test("no metadata service: at most a second, once", async () => {
    at.node.configure({
      registries,
      identity: { source: "ecsRamRole" },
      endpoints: { acr: at.cloud.endpoints.acr, metadata: "http://127.0.0.1:1" },
    });
    expectFailure(await at.node.pull(IMAGE), ["metadata"]);
    at.cloud.faults.set({ operation: "MetadataToken", kind: "hang" });
    at.node.configure({ registries, identity: { source: "ecsRamRole" } });
    const first = await at.node.pull(IMAGE);
    expectFailure(first, ["metadata"]);
    expect(first.ms).toBeLessThan(1600);
    await at.node.pull(IMAGE);
    expect(at.cloud.calls("MetadataToken")).toHaveLength(1);
  });
});
