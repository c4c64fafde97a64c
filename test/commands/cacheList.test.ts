import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import {
  instanceCorp,
  keyA,
  oidcProvider,
  powerlessKeyA,
  roleAcrForAccountA,
  rolePodPuller,
} from "../cloud/defaultWorld.ts";
import { leaveOfToken, setClockBack } from "../support/cachedToken.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const key = (pair: typeof keyA) => ({
  source: "accessKey",
  accessKeyId: pair.id,
  accessKeySecret: pair.secret,
});
const corp = { instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" };

const at = useSimulatedNode({ registries: [corp], identity: key(keyA) }, { tokenLifeMs: 3_600_000 });

/** Each line of the table, its cells apart. */
async function listed(): Promise<string[][]> {
  const { status, stdout, stderr } = await at.node.run(["cache", "list"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const raw = readdirSync(at.node.cacheDirectory).map((name) =>
    readFileSync(`${at.node.cacheDirectory}/${name}`, "utf8"),
  );
  expect(raw.length).toBeGreaterThan(0);
  for (const secret of at.cloud.secrets) expect(stdout).not.toContain(secret);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
}

describe("cache list as columns", () => {
  test("a token: instance, region, identity, age and time left", async () => {
    await at.node.pull(`${CORP}/apps/web`);
    await leaveOfToken(at.node.cacheDirectory, 42 * 60_000);
    const [head, token] = await listed();
    expect(head).toEqual(["KIND", "INSTANCE OR HOST", "REGION", "IDENTITY", "AGE", "LEFT"]);
    expect(token?.slice(0, 3)).toEqual(["token", instanceCorp, "cn-hangzhou"]);
    expect(token?.at(-1)).toBe("42 min");
  });

  test("everything that a chain of roles, look-ups and the node's region leave", async () => {
    at.node.configure({
      registries: [{ instanceId: instanceCorp }, { ...corp, domains: ["fixed.example.com"] }],
      identity: { source: "ecsRamRole", assumeRoles: [{ roleArn: roleAcrForAccountA }] },
    });
    await at.node.pull("fixed.example.com/apps/web");
    const chain = `ecsRamRole (the node's role) > ${roleAcrForAccountA}`;
    const rows = (await listed())
      .slice(1)
      .map(([kind, what, region, identity]) => [kind, what, region, identity]);
    expect(rows).toContainEqual(["session", "-", "-", chain]);
  });

  test("domains, a listing of instances, the Personal Edition and a refusal", async () => {
    at.node.configure({
      registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }],
      identity: key(keyA),
    });
    await at.node.pull("images.example.com/apps/web");
    at.node.configure({ identity: key(keyA) });
    await at.node.pull(`${CORP}/apps/web`);
    await at.node.pull("registry.cn-hangzhou.aliyuncs.com/apps/web");
    at.node.configure({ registries: [corp], identity: key(powerlessKeyA) });
    await at.node.pull(`${CORP}/apps/web`);
    const rows = (await listed()).slice(1).map((cells) => cells.slice(0, 4));
    const name = `accessKey ${keyA.id} (config)`;
    expect(rows).toContainEqual(["domains", instanceCorp, "cn-hangzhou", "-"]);
    expect(rows).toContainEqual(["instance", "-", "cn-hangzhou", name]);
    expect(rows).toContainEqual(["token", instanceCorp, "cn-hangzhou", name]);
    expect(rows).toContainEqual(["token", "Personal Edition", "cn-hangzhou", name]);
    const refusal = [
      "failure",
      instanceCorp,
      "cn-hangzhou",
      `accessKey ${powerlessKeyA.id.slice(0, 8)}…${powerlessKeyA.id.slice(-4)} (config)`,
    ];
    expect(rows).toContainEqual(refusal);
  });

  test("the node's region and a metadata service that is silent", async () => {
    at.node.configure({
      registries: [{ ...corp, regionId: undefined, domains: ["a.example.com"] }],
      identity: key(keyA),
    });
    await at.node.pull("a.example.com/apps/web");
    expect(await listed()).toContainEqual(["region", "-", "cn-hangzhou", "-", expect.any(String), "7 days"]);
  });

  test("a pod's identity, and the end of its token rather than of what is kept of it", async () => {
    const identity = { source: "serviceAccountToken", roleArn: rolePodPuller, oidcProviderArn: oidcProvider };
    at.node.configure({ registries: [corp], identity });
    const serviceAccountToken = at.cloud.issueServiceAccountToken({
      namespace: "apps",
      serviceAccount: "puller",
    });
    await at.node.pull(`${CORP}/apps/web`, { serviceAccountToken });
    const rows = await listed();
    const name = `serviceAccountToken apps/puller > ${rolePodPuller}`;
    expect(rows.filter(([kind]) => kind === "token")).toEqual([
      ["token", instanceCorp, "cn-hangzhou", name, expect.any(String), "60 min"],
    ]);
    expect(JSON.stringify(rows)).not.toContain(serviceAccountToken);
    await setClockBack(at.node.cacheDirectory, -2 * 3_600_000);
    expect((await listed()).find(([kind]) => kind === "token")?.slice(4)).toEqual(["2 h", "expired"]);
  });

  test("files that are damaged", async () => {
    await at.node.pull(`${CORP}/apps/web`);
    writeFileSync(`${at.node.cacheDirectory}/token-eA.json`, "half a", { mode: 0o600 });
    const rows = await listed();
    expect(rows.filter(([kind]) => kind === "token")).toHaveLength(1);
    expect(rows).toContainEqual(["damaged", "token-eA.json", "-", "-", "-", "-"]);
  });
});

describe("cache list --output json", () => {
  test("has every column as a field, times in epoch ms, and no key and no secret", async () => {
    const before = Date.now();
    await at.node.pull(`${CORP}/apps/web`);
    const { stdout } = await at.node.run(["cache", "list", "--output", "json"]);
    const { directory, entries } = JSON.parse(stdout);
    expect(directory).toBe(at.node.cacheDirectory);
    expect(entries).toEqual([
      {
        file: expect.stringMatching(/^token-.*\.json$/),
        kind: "token",
        host: CORP,
        instanceId: instanceCorp,
        regionId: "cn-hangzhou",
        identity: `accessKey ${keyA.id} (config)`,
        storedAt: expect.any(Number),
        expiresAt: expect.any(Number),
      },
    ]);
    expect(entries[0].storedAt).toBeGreaterThanOrEqual(before);
    expect(entries[0].expiresAt - entries[0].storedAt).toBeGreaterThan(3_590_000);
    for (const secret of at.cloud.secrets) expect(stdout).not.toContain(secret);
  });

  test("a cache that is not there is an empty list", async () => {
    const { stdout } = await at.node.run(["cache", "list", "--output", "json"]);
    expect(JSON.parse(stdout)).toEqual({ directory: at.node.cacheDirectory, entries: [] });
  });
});
