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
