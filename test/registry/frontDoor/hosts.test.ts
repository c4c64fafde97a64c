import { beforeEach, describe, expect, test } from "bun:test";
import { ENTERPRISE_NETWORKS, PERSONAL_NETWORKS } from "../../../src/host/acrHost.ts";
import { accountA, defaultWorld, instance, instanceCorp, instanceTeamA } from "../../cloud/defaultWorld.ts";
import { opened } from "../../migration/support/opened.ts";
import { useSimulatedNode } from "../../support/simulatedNode.ts";

const dashes = "cri-dashes0000000000";
const finance = "cri-finance000000000";
const international = "cri-intl000000000000";
const unknown = "cri-unknown000000000";
const misleading = "cri-mislead000000000";

const at = useSimulatedNode();
beforeEach(() => {
  Object.assign(at.cloud.world, defaultWorld());
  at.cloud.world.instances.push(
    instance(accountA, "cn-hangzhou", dashes, "my-team-of-9"),
    instance(accountA, "cn-shanghai-finance-1", finance, "bank"),
    instance(accountA, "ap-southeast-1", international, "corp-intl"),
    instance(accountA, "xx-nowhere-9", unknown, "pioneer"),
    instance(accountA, "cn-hangzhou", misleading, "corp-registry-vpc"),
  );
});

async function answer(host: string): Promise<string | undefined> {
  return opened(at.cloud, await at.node.pull(`${host}/apps/web`), host);
}

describe("every form of ACR's hosts, without config on a node with a RAM role", () => {
  const enterprise = ["", ".distributed"].flatMap((kind) =>
    ENTERPRISE_NETWORKS.map((network) => `corp-registry${network}${kind}.cn-hangzhou.cr.aliyuncs.com`),
  );
  test.each([
    ...enterprise.map((host) => [host, instanceCorp]),
    ...PERSONAL_NETWORKS.map((network) => [
      `registry${network}.cn-hangzhou.aliyuncs.com`,
      `personal ${accountA}`,
    ]),
    ["team-a-registry.cn-beijing.cr.aliyuncs.com", instanceTeamA],
    ["my-team-of-9-registry.cn-hangzhou.cr.aliyuncs.com", dashes],
    ["corp-registry-vpc-registry-vpc.cn-hangzhou.cr.aliyuncs.com", misleading],
    ["bank-registry-vpc.cn-shanghai-finance-1.cr.aliyuncs.com", finance],
    ["corp-intl-registry.ap-southeast-1.cr.aliyuncs.com", international],
    ["pioneer-registry.xx-nowhere-9.cr.aliyuncs.com", unknown],
    ["registry.cn-hangzhou-finance.aliyuncs.com", `personal ${accountA}`],
    ["registry-intl.ap-southeast-7.aliyuncs.com", `personal ${accountA}`],
    ["registry.xx-nowhere-9.aliyuncs.com", `personal ${accountA}`],
    ["Corp-Registry.CN-Hangzhou.CR.Aliyuncs.com", instanceCorp],
    ["corp-registry.cn-hangzhou.cr.aliyuncs.com:443", instanceCorp],
    ["registry.cn-hangzhou.aliyuncs.com:443", `personal ${accountA}`],
  ])("%s", async (host, what) => {
    expect(await answer(host)).toBe(what);
  });

  test("the region asked is the host's", async () => {
    await answer("bank-registry.cn-shanghai-finance-1.cr.aliyuncs.com");
    expect(at.node.log().at(-1)).toMatchObject({ regionId: "cn-shanghai-finance-1", instanceId: finance });
  });
});

describe("what only looks like one is not ours, and nobody is asked", () => {
  test.each([
    ["a suffix", "corp-registry.cn-hangzhou.cr.aliyuncs.com.evil.example"],
    ["a prefix", "evil.corp-registry.cn-hangzhou.cr.aliyuncs.com"],
    ["a prefix without dot", "evilregistry.cn-hangzhou.aliyuncs.com"],
    ["embedded", "corp-registry.cn-hangzhou.cr.aliyuncs.com.cr.aliyuncs.com"],
    ["another domain that ends like it", "registry.cn-hangzhou.evilaliyuncs.com"],
    ["a letter of another script", "regıstry.cn-hangzhou.aliyuncs.com"],
    ["the same in xn-- form", "xn--regstry-pfb.cn-hangzhou.aliyuncs.com"],
    ["a dot at the end", "registry.cn-hangzhou.aliyuncs.com."],
    ["a user", "user@registry.cn-hangzhou.aliyuncs.com"],
    ["the host as user", "registry.cn-hangzhou.aliyuncs.com@evil.example"],
    ["percent-encoding", "registry%2ecn-hangzhou.aliyuncs.com"],
    ["another port", "registry.cn-hangzhou.aliyuncs.com:5000"],
    ["another port of an Enterprise host", "corp-registry.cn-hangzhou.cr.aliyuncs.com:8443"],
    ["ACR's own API", "cr.cn-hangzhou.aliyuncs.com"],
    ["a bucket", "registry.oss-cn-hangzhou.aliyuncs.com.x"],
  ])("%s", async (_name, host) => {
    const discovery = {
      discovery: "always",
      registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }],
    };
    for (const native of [{}, discovery]) {
      at.node.configure(native);
      expect(await answer(host)).toBeUndefined();
    }
    expect(at.cloud.requests).toEqual([]);
  });
});
