import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { instanceCorp, instanceTeamA, keyA, minimalKeyA } from "../cloud/defaultWorld.ts";
import type { RunResult } from "../support/executable.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const CORP_VPC = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
const TEAM_A = "team-a-registry.cn-beijing.cr.aliyuncs.com";
const PERSONAL = "registry.cn-hangzhou.aliyuncs.com";

const at = useSimulatedNode();

/** The instance that the answer's credentials open, as ACR itself sees it; "" is the Personal Edition. */
function opened(result: RunResult, host: string): string | undefined {
  expect({ status: result.status, stderr: result.stderr }).toEqual({ status: 0, stderr: "" });
  const { username, password } = JSON.parse(result.stdout).auth[host];
  const login = at.cloud.acceptsRegistryLogin(username, password);
  return login?.edition === "personal" ? "" : login?.instanceId;
}

function operations(): string[] {
  return at.cloud.requests.map(({ operation }) => operation);
}

describe("without any config but the endpoints, on a node with a RAM role", () => {
  test("a default Enterprise host is found by its name", async () => {
    expect(opened(await at.node.pull(`${CORP}/apps/web`), CORP)).toBe(instanceCorp);
    expect(at.cloud.calls("GetAuthorizationToken")[0]?.callerArn).toContain("KubernetesWorkerRole-example");
  });

  test("the Personal Edition of the host's region", async () => {
    const result = await at.node.pull(`${PERSONAL}/apps/web`);
    expect(opened(result, PERSONAL)).toBe("");
    expect(operations()).toContain("GetTokens(2016)");
  });

  test.each([["registry-vpc.cn-beijing.aliyuncs.com"], ["registry-internal.cn-hangzhou.aliyuncs.com"]])(
    "the Personal Edition by %s",
    async (host) => {
      expect(opened(await at.node.pull(`${host}/apps/web`), host)).toBe("");
    },
  );

  test.each([
    ["docker.io/library/nginx"],
    ["registry.k8s.io/pause"],
    ["registry.cn-hangzhou.aliyuncs.com.evil.example/apps/web"],
    ["evil.example/registry.cn-hangzhou.aliyuncs.com/apps"],
    ["corp-registry.cn-hangzhou.cr.aliyuncs.com.evil.example/apps"],
    ["xregistry.cn-hangzhou.aliyuncs.com/apps"],
    ["127.0.0.1:5000/apps/web"],
    ["images.example.com/apps/web"],
  ])("%s is not ours, and nobody is asked", async (image) => {
    const { status, stdout } = await at.node.pull(image);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ auth: {}, cacheDuration: "0s" });
    expect(at.cloud.requests).toEqual([]);
  });
});

describe("registries", () => {
  test("an entry with a name answers for its default hosts without a look-up", async () => {
    at.node.configure({
      registries: [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }],
    });
    expect(opened(await at.node.pull(`${CORP}/apps/web`), CORP)).toBe(instanceCorp);
    expect(opened(await at.node.pull(`${CORP_VPC}/apps/web`), CORP_VPC)).toBe(instanceCorp);
    expect(operations()).not.toContain("ListInstance");
    expect(operations()).not.toContain("ListInstanceEndpoint");
  });

  test("an entry without a name answers for the hosts that its instance owns, learnt once", async () => {
    at.node.configure({ registries: [{ instanceId: instanceCorp }] });
    expect(opened(await at.node.pull(`${CORP}/apps/web`), CORP)).toBe(instanceCorp);
    expect(opened(await at.node.pull(`${CORP_VPC}/apps/web`), CORP_VPC)).toBe(instanceCorp);
    expect(at.cloud.calls("ListInstanceEndpoint")).toHaveLength(1);
  });

  test("an entry with domains answers for those and no others", async () => {
    at.node.configure({
      registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou", domains: ["Images.example.com"] }],
    });
    expect(opened(await at.node.pull("images.example.com/apps/web"), "images.example.com")).toBe(
      instanceCorp,
    );
    const { status, stderr } = await at.node.pull(`${CORP}/apps/web`);
    expect(status).toBe(1);
    expect(stderr).toContain(CORP);
    expect(JSON.parse((await at.node.pull("other.example.com/x")).stdout).auth).toEqual({});
    expect(operations()).not.toContain("ListInstance");
  });

  test("domains as one comma-separated string", async () => {
    at.node.configure({
      registries: [
        { instanceId: instanceCorp, regionId: "cn-hangzhou", domains: "a.example.com, images.example.com" },
      ],
    });
    expect(opened(await at.node.pull("images.example.com/apps/web"), "images.example.com")).toBe(
      instanceCorp,
    );
  });

  test("two instances in two regions, each with its own token", async () => {
    at.node.configure({
      registries: [
        { instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" },
        { instanceId: instanceTeamA, instanceName: "team-a", regionId: "cn-beijing" },
      ],
    });
    expect(opened(await at.node.pull(`${CORP}/x/y`), CORP)).toBe(instanceCorp);
    expect(opened(await at.node.pull(`${TEAM_A}/x/y`), TEAM_A)).toBe(instanceTeamA);
  });

  test("the region of the node, where nothing else tells it", async () => {
    at.node.configure({ registries: [{ instanceId: instanceCorp, domains: ["images.example.com"] }] });
    expect(opened(await at.node.pull("images.example.com/apps/web"), "images.example.com")).toBe(
      instanceCorp,
    );
    expect(operations()).toContain("MetadataRegion");
  });

  test("crpi- hosts: the failure shows both ways, and each way works", async () => {
    const host = "crpi-abc123.cn-hangzhou.personal.cr.aliyuncs.com";
    const failed = await at.node.pull(`${host}/apps/web`);
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("domains");
    expect(failed.stderr).toContain("fixedCredentials");

    at.node.configure({ registries: [{ domains: [host] }] });
    expect(opened(await at.node.pull(`${host}/apps/web`), host)).toBe("");

    const directory = `${at.node.directory}/fixed`;
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(`${directory}/username`, "somebody\n", { mode: 0o600 });
    writeFileSync(`${directory}/password`, "CANARY-fixed\n", { mode: 0o600 });
    at.node.configure({ registries: [{ domains: [host], fixedCredentials: { directory } }] });
    at.cloud.reset();
    const fixed = JSON.parse((await at.node.pull(`${host}/apps/web`)).stdout);
    expect(fixed.auth).toEqual({ [host]: { username: "somebody", password: "CANARY-fixed" } });
    expect(fixed.cacheDuration).toBe("300s");
    expect(at.cloud.requests).toEqual([]);
    writeFileSync(`${directory}/password`, "CANARY-rotated", { mode: 0o600 });
    expect((await at.node.pull(`${host}/apps/web`)).stdout).toContain("CANARY-rotated");
  });
});

describe("identities", () => {
  const registries = [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }];

  test("an AccessKey in the config", async () => {
    at.node.configure({
      registries,
      identity: { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret },
    });
    expect(opened(await at.node.pull(`${CORP}/x/y`), CORP)).toBe(instanceCorp);
    expect(operations()).toEqual(["GetAuthorizationToken"]);
  });

  test("an AccessKey in a directory, read at every run", async () => {
    const directory = `${at.node.directory}/keys`;
    mkdirSync(directory);
    const write = ({ id, secret }: { id: string; secret: string }) => {
      writeFileSync(`${directory}/access-key-id`, `${id}\n`, { mode: 0o600 });
      writeFileSync(`${directory}/access-key-secret`, `${secret}\n`, { mode: 0o600 });
    };
    write(keyA);
    at.node.configure({ registries, identity: { source: "accessKey", directory } });
    await at.node.pull(`${CORP}/x/y`);
    write(minimalKeyA);
    await at.node.pull(`${CORP}/x/y`);
    expect(at.cloud.calls("GetAuthorizationToken").map(({ accessKeyId }) => accessKeyId)).toEqual([
      keyA.id,
      minimalKeyA.id,
    ]);
  });

  test("AccessKey variables come before the node's role", async () => {
    at.node.configure({ registries });
    const env = { ALIBABA_CLOUD_ACCESS_KEY_ID: keyA.id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: keyA.secret };
    expect(opened(await at.node.pull(`${CORP}/x/y`, { env }), CORP)).toBe(instanceCorp);
    expect(operations()).toEqual(["GetAuthorizationToken"]);
  });

  test("the node's role, in hardened mode", async () => {
    at.node.configure({ registries, identity: { source: "ecsRamRole" } });
    expect(opened(await at.node.pull(`${CORP}/x/y`), CORP)).toBe(instanceCorp);
    expect(operations()).toEqual([
      "MetadataToken",
      "MetadataRole",
      "MetadataRoleCredentials",
      "GetAuthorizationToken",
    ]);
  });

  test("the node's role by name saves a request", async () => {
    at.node.configure({
      registries,
      identity: { source: "ecsRamRole", roleName: "KubernetesWorkerRole-example" },
    });
    await at.node.pull(`${CORP}/x/y`);
    expect(operations()).toEqual(["MetadataToken", "MetadataRoleCredentials", "GetAuthorizationToken"]);
  });
});
