import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { accountA, keyA, oidcProvider, roleAssume, rolePodPuller } from "../../cloud/defaultWorld.ts";
import { useSimulatedNode } from "../../support/simulatedNode.ts";
import { writeNodeFile } from "../support/files.ts";
import { opened } from "../support/outcomes.ts";
import { openTunnels, type Tunnels } from "../support/tunnels.ts";

const at = useSimulatedNode(
  {},
  {
    listen: { api: "127.0.0.1:0" },
    hosts: ["cr.ap-southeast-6.aliyuncs.com", "cr-vpc.ap-southeast-6.aliyuncs.com"],
  },
);
let tunnels: Tunnels;
beforeAll(async () => {
  tunnels = await openTunnels(at.cloud.endpoints.api ?? "");
  at.cloud.world.personalInstances.push({ accountId: accountA, regionId: "ap-southeast-6" });
});
afterAll(() => tunnels.stop());
beforeEach(() => {
  tunnels.hosts.length = 0;
  tunnels.closed.clear();
});

const user = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const chain = { ...user, assumeRoles: [{ roleArn: roleAssume }] };

/** The STS hosts that a pull asks for. */
async function stsHosts(host: string, config: object, env = {}): Promise<string[]> {
  const endpoints = { metadata: at.cloud.endpoints.metadata };
  at.node.configure({ identity: chain, ...config, endpoints });
  const result = await at.node.pull(`${host}/apps/web`, { env: { ...env, HTTPS_PROXY: tunnels.url } });
  expect(opened(at.cloud, result).instanceId).toBe("");
  return tunnels.hosts.filter((name) => name.startsWith("sts"));
}

const HANGZHOU = "registry.cn-hangzhou.aliyuncs.com";
const cases: [name: string, host: string, config: object, sts: string[]][] = [
  ["the region's", HANGZHOU, {}, ["sts.cn-hangzhou.aliyuncs.com"]],
  ["the VPC's", HANGZHOU, { network: "vpc" }, ["sts-vpc.cn-hangzhou.aliyuncs.com"]],
  [
    "the VPC's for a VPC host",
    "registry-vpc.cn-hangzhou.aliyuncs.com",
    {},
    ["sts-vpc.cn-hangzhou.aliyuncs.com"],
  ],
  [
    "the public one where that is wanted",
    "registry-vpc.cn-hangzhou.aliyuncs.com",
    { network: "public" },
    ["sts.cn-hangzhou.aliyuncs.com"],
  ],
  [
    "the global one where a region has none",
    "registry.ap-southeast-6.aliyuncs.com",
    {},
    ["sts.aliyuncs.com"],
  ],
  [
    "the global one where not even the VPC has one",
    "registry-vpc.ap-southeast-6.aliyuncs.com",
    { network: "vpc" },
    ["sts.aliyuncs.com"],
  ],
];
for (const [name, host, config, sts] of cases) {
  test(`STS endpoint: ${name}`, async () => {
    expect(await stsHosts(host, config)).toEqual(sts);
  });
}

test("STS endpoint: the other one when the first cannot be reached, and which one could is remembered", async () => {
  const [first, second] = ["sts-vpc.cn-hangzhou.aliyuncs.com", "sts.cn-hangzhou.aliyuncs.com"];
  tunnels.closed.add(first);
  expect(await stsHosts("registry-vpc.cn-hangzhou.aliyuncs.com", {})).toEqual([first, second]);
  tunnels.hosts.length = 0;
  const again = { ...user, assumeRoles: [{ roleArn: roleAssume, sessionName: "again" }] };
  expect(await stsHosts("registry-vpc.cn-hangzhou.aliyuncs.com", { identity: again })).toEqual([second]);
});

/** A node whose one identity is a profile of the command line that assumes a role. */
function profileOf(more: object): object {
  const profile = { name: "p", mode: "RamRoleArn", access_key_id: keyA.id, access_key_secret: keyA.secret };
  const profiles = [{ ...profile, ram_role_arn: roleAssume, ...more }];
  const file = writeNodeFile(at.node, "config.json", { current: "p", profiles });
  return { identity: { source: "profile", file } };
}

const BEIJING = "sts.cn-beijing.aliyuncs.com";
const inBeijing = { ALIBABA_CLOUD_STS_REGION: "cn-beijing" };
const profiles: [name: string, profile: object, env: Record<string, string>, sts: string][] = [
  ["the profile's region", { sts_region: "cn-beijing" }, {}, BEIJING],
  ["the environment's where the profile has none", {}, inBeijing, BEIJING],
  [
    "the profile's before the environment's",
    { sts_region: "cn-shanghai" },
    inBeijing,
    "sts.cn-shanghai.aliyuncs.com",
  ],
  ["the VPC's by the profile", { enable_vpc: true }, {}, "sts-vpc.cn-hangzhou.aliyuncs.com"],
  [
    "the VPC's by the environment",
    {},
    { ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "TRUE" },
    "sts-vpc.cn-hangzhou.aliyuncs.com",
  ],
];
test.each(profiles)("STS endpoint of a profile: %s", async (_name, profile, env, sts) => {
  expect(await stsHosts(HANGZHOU, profileOf(profile), env)).toEqual([sts]);
});

const notRegions = ["oss-cn-hangzhou", "cn-hangzhou.evil.example/", "cn-hangzhou#", "cn hangzhou"];
test.each(notRegions)("%p is not a region, wherever it comes from, and no one is asked", async (region) => {
  const endpoints = { metadata: at.cloud.endpoints.metadata };
  const oidc = {
    ALIBABA_CLOUD_ROLE_ARN: rolePodPuller,
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProvider,
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: writeNodeFile(at.node, "token", "any"),
  };
  const ofEnvironment = { ALIBABA_CLOUD_STS_REGION: region };
  const sources: [config: () => object, env: Record<string, string>, origin: string][] = [
    [() => profileOf({ sts_region: region }), {}, "sts_region of a profile in "],
    [() => profileOf({}), ofEnvironment, "ALIBABA_CLOUD_STS_REGION"],
    [() => ({ identity: { source: "auto" } }), { ...oidc, ...ofEnvironment }, "ALIBABA_CLOUD_STS_REGION"],
    [() => ({ registries: [{ regionId: region }] }), {}, "registries[0].regionId"],
    [() => ({ defaultRegion: region }), {}, "defaultRegion"],
  ];
  for (const [config, env, origin] of sources) {
    at.node.configure({ identity: chain, ...config(), endpoints });
    const result = await at.node.pull(`${HANGZHOU}/x`, { env: { ...env, HTTPS_PROXY: tunnels.url } });
    expect({ status: result.status, stdout: result.stdout }).toEqual({ status: 2, stdout: "" });
    expect(result.stderr).toContain(origin);
  }
  expect({ tunnels: tunnels.hosts, requests: at.cloud.requests }).toEqual({ tunnels: [], requests: [] });
});

test("a metadata service that names something else than a region is not believed", async () => {
  at.cloud.faults.set({ operation: "MetadataRegion", kind: "malformedJson", body: "oss-cn-hangzhou" });
  const registries = [{ domains: ["images.example.com"] }];
  at.node.configure({ identity: user, registries, endpoints: { metadata: at.cloud.endpoints.metadata } });
  const result = await at.node.pull("images.example.com/x", { env: { HTTPS_PROXY: tunnels.url } });
  expect(result.stderr).toContain("RegionUnknown");
  expect(tunnels.hosts).toEqual([]);
});

test("STS endpoint: the region and network that the RRSA webhook's variables name", async () => {
  const token = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" });
  const env = {
    ALIBABA_CLOUD_ROLE_ARN: rolePodPuller,
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProvider,
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: writeNodeFile(at.node, "token", token),
    ALIBABA_CLOUD_STS_REGION: "cn-beijing",
    ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "true",
  };
  expect(await stsHosts(HANGZHOU, { identity: { source: "auto" } }, env)).toEqual([
    "sts-vpc.cn-beijing.aliyuncs.com",
  ]);
});
