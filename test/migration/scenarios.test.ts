import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import {
  accountA,
  accountB,
  defaultWorld,
  instanceCorp,
  instanceShared,
  instanceTeamA,
  keyA,
  keyB,
  oidcProvider,
  roleAcrForAccountA,
  roleAnyPod,
} from "../cloud/defaultWorld.ts";
import { runExecutable } from "../support/executable.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { useConfigMap } from "./support/configMap.ts";
import { opened } from "./support/opened.ts";
import { type RegionalCloud, startRegionalCloud } from "./support/regionalCloud.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const TEAM_A = "team-a-registry-vpc.cn-beijing.cr.aliyuncs.com";
const SHARED = "shared-registry.cn-hangzhou.cr.aliyuncs.com";
const everyone = `  service-account: "*"\n  watch-namespace: all\n`;

const at = useSimulatedNode();
let regional: RegionalCloud;
let serviceAccountToken: string;

beforeAll(async () => {
  regional = await startRegionalCloud(at.cloud);
});
beforeEach(() => {
  Object.assign(at.cloud.world, defaultWorld());
  serviceAccountToken = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "default" });
});
afterAll(() => regional.stop());

function configMap(items: Record<string, unknown>[], rest = everyone): string {
  const lines = stringify(items).trimEnd().split("\n");
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: acr-configuration\ndata:\n  acr-registry-info: |-\n${lines.map((line) => `    ${line}\n`).join("")}${rest}`;
}

/** Through the API hosts of the regions themselves; only the metadata service is somewhere else. */
const byRegion = () => ({ endpoints: { metadata: at.cloud.endpoints.metadata }, network: "public" });

const personalAndEnterprise = [{ instanceId: "" }, { instanceId: instanceCorp }];
const regions = [
  { instanceId: "", regionId: "cn-beijing" },
  { instanceId: "", regionId: "cn-hangzhou" },
  { instanceId: instanceTeamA, regionId: "cn-beijing" },
  { instanceId: instanceCorp, regionId: "cn-hangzhou" },
];
const pair = ({ id, secret }: { id: string; secret: string }) => ({
  customAccessKey: id,
  customAccessKeySecret: secret,
});
const accounts = [
  { instanceId: instanceCorp, regionId: "cn-hangzhou", ...pair(keyA) },
  {
    instanceId: instanceShared,
    regionId: "cn-hangzhou",
    domains: `${SHARED},shared.example.com`,
    ...pair(keyB),
  },
];
const role = [
  {
    instanceId: instanceShared,
    regionId: "cn-hangzhou",
    assumeRoleARN: roleAcrForAccountA,
    expireDuration: "3600",
  },
];
const rrsa = [
  {
    instanceId: instanceShared,
    regionId: "cn-hangzhou",
    rrsaRoleARN: roleAnyPod,
    rrsaOIDCProviderRoleARN: oidcProvider,
    assumeRoleARN: roleAcrForAccountA,
  },
];
const rrsaOn = `  rrsa: |\n    enable: true\n${everyone}`;

type Scenario = [
  name: string,
  text: string,
  native: () => Record<string, unknown>,
  expected: [host: string, opens: string | undefined, who?: string][],
];
const scenarios: Scenario[] = [
  [
    "Personal and Enterprise Edition at once",
    configMap(personalAndEnterprise),
    () => ({}),
    [
      ["registry-vpc.cn-hangzhou.aliyuncs.com", `personal ${accountA}`],
      [CORP, instanceCorp],
      ["images.example.com", instanceCorp],
      ["docker.io", undefined],
    ],
  ],
  [
    "several regions, each by its own API host",
    configMap(regions),
    byRegion,
    [
      ["registry.cn-beijing.aliyuncs.com", `personal ${accountA} cn-beijing`],
      ["registry.cn-hangzhou.aliyuncs.com", `personal ${accountA} cn-hangzhou`],
      [TEAM_A, instanceTeamA],
      [CORP, instanceCorp],
      ["registry.cn-shanghai.aliyuncs.com", undefined],
    ],
  ],
  [
    "several accounts, an AccessKey pair for each",
    configMap(accounts),
    () => ({}),
    [
      [CORP, instanceCorp, keyA.id],
      [SHARED, instanceShared, keyB.id],
      ["shared.example.com", instanceShared, keyB.id],
    ],
  ],
  [
    "several accounts without domains, each asked with its own AccessKey pair",
    configMap(accounts.map((item) => ({ ...item, domains: undefined }))),
    () => ({}),
    [
      [SHARED, instanceShared, keyB.id],
      [CORP, instanceCorp, keyA.id],
      ["shared.example.com", instanceShared],
    ],
  ],
  ["another account by its role", configMap(role), () => ({}), [[SHARED, instanceShared]]],
  ["another account by RRSA and its role", configMap(rrsa, rrsaOn), () => ({}), [[SHARED, instanceShared]]],
];

async function pulls(expected: Scenario[3]): Promise<void> {
  const env = { HTTPS_PROXY: regional.url, NO_PROXY: "127.0.0.1" };
  for (const [host, opens, who] of expected) {
    const result = await at.node.pull(`${host}/apps/web`, { env, serviceAccountToken });
    expect<unknown>([host, opened(at.cloud, result, host)]).toEqual([host, opens]);
    const call = at.cloud.calls("GetAuthorizationToken").at(-1);
    if (who !== undefined) expect<unknown>([host, call?.accessKeyId]).toEqual([host, who]);
  }
}

describe("the ConfigMap as it is", () => {
  for (const [name, text, native, expected] of scenarios) {
    test(name, async () => {
      useConfigMap(at, text, native());
      await pulls(expected);
    });
  }

  test("each account's token is asked for with its own AccessKey, never with the other's", async () => {
    useConfigMap(at, configMap(accounts));
    await pulls([
      [CORP, instanceCorp],
      [SHARED, instanceShared],
    ]);
    const asked = at.cloud
      .calls("GetAuthorizationToken")
      .map(({ parameters, accessKeyId }) => [parameters.InstanceId, accessKeyId]);
    expect(asked).toEqual([
      [instanceCorp, keyA.id],
      [instanceShared, keyB.id],
    ]);
    expect(at.cloud.issuedTokens.slice(-2).map(({ accountId }) => accountId)).toEqual([accountA, accountB]);
  });

  test("roles are assumed in the helper's order", async () => {
    useConfigMap(at, configMap(rrsa, rrsaOn));
    await pulls([[SHARED, instanceShared]]);
    expect(
      at.cloud.requests.map(({ operation }) => operation).filter((name) => !name.startsWith("Metadata")),
    ).toEqual(["AssumeRoleWithOIDC", "AssumeRole", "ListInstanceEndpoint", "GetAuthorizationToken"]);
  });
});

describe("what config import makes of it", () => {
  for (const [name, text, native, expected] of scenarios) {
    test(`${name}: behaves the same`, async () => {
      useConfigMap(at, text, native());
      const keys = `${at.node.directory}/keys`;
      const { status, stdout } = await runExecutable({
        args: ["config", "import", at.node.configFile, "--write-keys", keys],
      });
      expect(status).toBe(0);
      const shown = await effective();
      const explained = await explanations(expected);

      writeFileSync(at.node.configFile, stdout);
      expect((await at.node.run(["config", "validate"])).status).toBe(0);
      await pulls(expected);
      at.cloud.reset();
      // Apart from where a key is kept, which is what the import changes.
      expect(await effective()).toEqual(shown);
      await at.node.run(["cache", "clear"]);
      expect(await explanations(expected)).toEqual(explained);
    });
  }

  async function effective(): Promise<unknown> {
    const { registries, ...rest } = parse((await at.node.run(["config", "show"])).stdout);
    for (const { identity } of registries) {
      for (const key of ["directory", "accessKeyId", "accessKeySecret"]) delete identity[key];
    }
    return { registries, ...rest };
  }

  async function explanations(expected: Scenario[3]): Promise<unknown[]> {
    const found: unknown[] = [];
    for (const [host] of expected) {
      const args = ["explain", `${host}/apps/web`, "--output", "json", "--service-account", "apps/default"];
      const { considered, registry, endpoints, access, outcome } = JSON.parse(
        (await at.node.run(args)).stdout,
      );
      found.push({ considered, registry, endpoints, access, outcome });
    }
    return found;
  }
});
