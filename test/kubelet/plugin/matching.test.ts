import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Release } from "../setup/releases.ts";
import { patternsOf, printedKubeletConfig } from "../support/kubeletConfig.ts";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";
import { kubeletMatches } from "../support/pluginCode.ts";

/** Every kind of host that ACR is known to give an instance (facts 4.1). */
const acrHosts = [
  ..."corp my-registry-of-images"
    .split(" ")
    .flatMap((name) =>
      ["", "-vpc"].map((network) => `${name}-registry${network}.cn-hangzhou.cr.aliyuncs.com`),
    ),
  "corp-registry-vpc.cn-shanghai-finance-1.cr.aliyuncs.com",
  ...["", "-vpc", "-internal", "-intl", "-intl-vpc"].map(
    (network) => `registry${network}.cn-beijing.aliyuncs.com`,
  ),
  "crpi-abcdefgh12345678.cn-hangzhou.personal.cr.aliyuncs.com",
  "crpi-abcdefgh12345678-vpc.cn-hangzhou.personal.cr.aliyuncs.com",
];

const otherImages = [
  ["Docker Hub", "docker.io/library/nginx"],
  ["another cloud's registry", "123456789012.dkr.ecr.us-east-1.amazonaws.com/web"],
  [
    "a name that goes on after ACR's, Enterprise",
    "corp-registry.cn-hangzhou.cr.aliyuncs.com.evil.example/web",
  ],
  ["a name that goes on after ACR's, Personal", "registry.cn-hangzhou.aliyuncs.com.evil.example/web"],
  ["a name that only ends as ACR's", "registry.cn-hangzhou.evilaliyuncs.com/web"],
  ["a name with more in front", "evil.registry.cn-hangzhou.aliyuncs.com/web"],
  ["ACR's name in the path", "evil.example/registry.cn-hangzhou.aliyuncs.com/web"],
  ["ACR's name as a user name", "registry.cn-hangzhou.aliyuncs.com@evil.example/web"],
  ["another port", "registry.cn-hangzhou.aliyuncs.com:5000/web"],
  ["another service of Alibaba Cloud", "oss.cn-hangzhou.aliyuncs.com/web"],
  ["ACR's own API", "cr.cn-hangzhou.aliyuncs.com/web"],
  ["the domain of all of ACR", "cr.aliyuncs.com/web"],
  ["a form of default host that is not known to exist", "corp-registry-intl.cn-hangzhou.cr.aliyuncs.com/web"],
  [
    "an accelerated host, which no one's domains show",
    "corp-registry.distributed.cn-hangzhou.cr.aliyuncs.com/web",
  ],
  ["a custom domain that nobody configured", "images.example.com/web"],
] as const;

/** With entries the patterns are theirs alone. */
const corpAndPersonal = [
  { instanceId: "cri-corp000000000000", instanceName: "corp", regionId: "cn-hangzhou" },
  { instanceId: "cri-beij000000000000", domains: ["images.example.com", "ported.example.com:443"] },
  { regionId: "cn-beijing" },
];

const decisions = [
  ["the entry's own host", "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com/web", true],
  ["another instance", "other-registry.cn-hangzhou.cr.aliyuncs.com/web", false],
  ["its name in another region", "corp-registry.cn-beijing.cr.aliyuncs.com/web", false],
  ["a custom domain", "images.example.com/web", true],
  ["below a custom domain", "a.images.example.com/web", false],
  ["a custom domain with a port", "ported.example.com:443/web", true],
  ["the same without its port", "ported.example.com/web", true],
  ["the Personal Edition of the entry's region", "registry.cn-beijing.aliyuncs.com/web", true],
  ["the Personal Edition of another region", "registry.cn-hangzhou.aliyuncs.com/web", false],
] as const;

describeForEachRelease("matchImages", (release) => {
  const matching = async (image: string, registries: readonly object[] = []) => {
    const patterns = printedPatterns(release, registries);
    const matches = await kubeletMatches(
      release,
      patterns.map((pattern) => ({ pattern, image })),
    );
    return patterns.filter((_, index) => matches[index]);
  };

  test.each(acrHosts.map((host) => [host]))("the plugin is run for an image at %s", async (host) => {
    expect(await matching(`${host}/team/web`)).toHaveLength(1);
  });

  test.each(otherImages)("the plugin is not run for %s: %s", async (_, image) => {
    expect(await matching(image)).toEqual([]);
  });

  test.each(decisions)("with entries, %s: %s (%p)", async (_, image, run) => {
    expect((await matching(image, corpAndPersonal)).length > 0).toBe(run);
  });

  test("every printed pattern matches some host of ACR", async () => {
    for (const pattern of printedPatterns(release, [])) {
      const pairs = acrHosts.map((host) => ({ pattern, image: `${host}/team/web` }));
      expect(await kubeletMatches(release, pairs)).toContain(true);
    }
  });

  test("a pattern with a path of * can never match, and one without a port never a port", async () => {
    const image = "registry.cn-hangzhou.aliyuncs.com/team/web";
    const answers = await kubeletMatches(release, [
      { pattern: "registry.cn-hangzhou.aliyuncs.com/*", image },
      { pattern: "registry.cn-hangzhou.aliyuncs.com", image: image.replace("/", ":443/") },
      { pattern: "*.aliyuncs.com", image },
      { pattern: "registry.cn-hangzhou.aliyuncs.com/te", image },
    ]);
    expect(answers).toEqual([false, false, false, true]);
  });
});

function printedPatterns(release: Release, registries: readonly object[]): readonly string[] {
  const folder = mkdtempSync(`${tmpdir()}/acr-kubelet-config-`);
  const config = { apiVersion: "aliyun-acr-credential-provider/v1", kind: "ProviderConfig", registries };
  writeFileSync(`${folder}/config.yaml`, JSON.stringify(config), { mode: 0o600 });
  const printed = printedKubeletConfig(`${folder}/config.yaml`, release);
  rmSync(folder, { recursive: true });
  return patternsOf(printed);
}
