import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { root } from "../../scripts/project.ts";
import { kubeletConfigText } from "../../src/commands/kubeletConfig/kubeletConfigText.ts";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { kubeletRelease } from "../../src/kubelet/kubeletRelease.ts";
import { accountA, instanceCorp, keyA, oidcProvider, roleAnyPod } from "../cloud/defaultWorld.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const registries = [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }];
const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const podIdentity = { source: "serviceAccountToken", roleArn: roleAnyPod, oidcProviderArn: oidcProvider };
const annotations = { serviceAccountAnnotations: { enabled: true } };

const at = useSimulatedNode({ registries, identity });

async function printed(native: Record<string, unknown>, ...args: string[]) {
  at.node.configure(native);
  const { status, stdout, stderr } = await at.node.run(["kubelet-config", ...args]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(at.cloud.requests).toEqual([]);
  const { providers, ...config } = parse(stdout);
  expect(providers).toHaveLength(1);
  return { text: stdout as string, config, provider: providers[0] };
}

describe("kubelet-config", () => {
  test("prints every field that the kubelet wants, and none that it does not know", async () => {
    const { config, provider } = await printed({
      registries: [{ instanceId: instanceCorp, domains: ["a.example.com"] }],
    });
    expect(config).toEqual({ apiVersion: "kubelet.config.k8s.io/v1", kind: "CredentialProviderConfig" });
    expect(provider).toEqual({
      name: "aliyun-acr-credential-provider",
      apiVersion: "credentialprovider.kubelet.k8s.io/v1",
      matchImages: ["a.example.com"],
      defaultCacheDuration: "0s",
      args: ["--config", at.node.configFile],
    });
  });

  test.each([
    ["1.24", "v1beta1"],
    ["1.25.16", "v1beta1"],
    ["1.26", "v1"],
    ["v1.28.3", "v1"],
    ["1.30.4-aliyun.1", "v1"],
    ["v1.32.1+k3s1", "v1"],
    ["1.36", "v1"],
    ["1.40", "v1"],
  ])("--kubernetes %s is %s", async (release, version) => {
    const { config, provider } = await printed({ registries, identity }, "--kubernetes", release);
    expect(config.apiVersion).toBe(`kubelet.config.k8s.io/${version}`);
    expect(provider.apiVersion).toBe(`credentialprovider.kubelet.k8s.io/${version}`);
    expect(provider.tokenAttributes).toBeUndefined();
  });

  test.each([
    ["1.23", "1.24"],
    ["1", "not a release"],
    ["2.0", "not a release"],
    ["latest", "not a release"],
    ["1.34; rm", "not a release"],
  ])("--kubernetes %s is refused", async (release, words) => {
    const { status, stdout, stderr } = await at.node.run(["kubelet-config", "--kubernetes", release]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr).toContain("1.34");
  });

  const keys = [
    "k8s.aliyun.com/acr-instance-ids",
    "k8s.aliyun.com/acr-service-arns",
    "k8s.aliyun.com/acr-user-arns",
    "pod-identity.alibabacloud.com/role-name",
  ];
  const fallback = { ...podIdentity, fallback: { source: "ecsRamRole" } };
  const fixed = { domains: ["b.example.com"], fixedCredentials: { directory: "/fixed" } };
  test.each<[string, Record<string, unknown>, boolean, string[] | undefined]>([
    ["rules on who may pull", { registries, identity, access: { namespaces: ["apps"] } }, true, undefined],
    ["the pod's identity", { registries, identity: podIdentity }, true, undefined],
    ["the pod's identity without entries", { identity: podIdentity }, true, undefined],
    ["the pod's identity, else the node's", { registries, identity: fallback }, false, undefined],
    [
      "that, and rules",
      { registries, identity: fallback, access: { namespaces: ["apps"] } },
      true,
      undefined,
    ],
    [
      "the pod's identity for one of two entries",
      { registries: [...registries, { regionId: "cn-beijing", identity: podIdentity }], identity },
      false,
      undefined,
    ],
    [
      "the pod's identity beside fixed credentials",
      { registries: [...registries, fixed], identity: podIdentity },
      false,
      undefined,
    ],
    [
      "the node's identity that no entry uses",
      { registries: [{ ...registries[0], identity: podIdentity }], identity },
      true,
      undefined,
    ],
    [
      "the node's identity for what is discovered",
      { registries: [{ ...registries[0], identity: podIdentity }], identity, discovery: "always" },
      false,
      undefined,
    ],
    ["annotations", { registries, identity, ...annotations }, false, keys.slice(0, 3)],
    ["annotations for the pod's identity", { registries, identity: podIdentity, ...annotations }, true, keys],
  ])("tokenAttributes for %s", async (_name, native, requireServiceAccount, optional) => {
    const attributes = {
      serviceAccountTokenAudience: "sts.aliyuncs.com",
      requireServiceAccount,
      ...(optional === undefined ? {} : { optionalServiceAccountAnnotationKeys: optional }),
    };
    const beta = await printed(native, "--kubernetes", "1.34");
    expect(beta.provider.tokenAttributes).toEqual({ ...attributes, cacheType: "ServiceAccount" });
    expect((await printed(native)).text).toBe(beta.text);
    const alpha = await printed(native, "--kubernetes", "1.33");
    expect(alpha.provider.tokenAttributes).toEqual(attributes);
    expect(alpha.text).toContain("KubeletServiceAccountTokenForCredentialProviders=true");
  });

  test("a kubelet that sends no tokens does not fit a config that needs them", async () => {
    at.node.configure({ registries, identity, access: { namespaces: ["apps"] } });
    const { status, stdout, stderr } = await at.node.run(["kubelet-config", "--kubernetes", "1.32"]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("access restricts who may pull");
    expect(stderr).toContain("since 1.33");
    expect(stderr).toContain("watch-namespace: all");
  });

  test("custom domains: to be added by hand, or those that the plugin has learnt", async () => {
    const native = { registries, identity, cache: { directory: at.node.cacheDirectory } };
    const before = await printed(native);
    expect(before.text).toContain(
      `# registries[0]: if ${instanceCorp} has custom domains, add each of them here`,
    );
    expect(before.provider.matchImages).not.toContain("images.example.com");
    await at.node.pull("images.example.com/apps/web");
    at.cloud.reset();
    const after = await printed(native);
    expect(after.provider.matchImages).toEqual([...before.provider.matchImages, "images.example.com"]);
    expect(after.text).not.toContain("add each of them here");
  });

  test("what it matches, the plugin answers", async () => {
    const { provider } = await printed({ registries, identity });
    expect(provider.matchImages).toContain(CORP);
    const { status, stdout } = await at.node.pull(`${CORP}/apps/web`);
    expect({ status, hosts: Object.keys(JSON.parse(stdout).auth) }).toEqual({ status: 0, hosts: [CORP] });
    expect(at.cloud.issuedTokens.every(({ accountId }) => accountId === accountA)).toBe(true);
  });
});

test("node-config/credential-provider.yaml is what is printed where there is no config", async () => {
  const defaults = await loadConfig({ env: {}, files: { read: () => undefined } });
  expect(readFileSync(`${root}node-config/credential-provider.yaml`, "utf8")).toBe(
    kubeletConfigText(defaults, kubeletRelease(undefined)),
  );
});
