import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { root } from "../../scripts/project.ts";
import { kubeletConfigText } from "../../src/commands/kubeletConfig/kubeletConfigText.ts";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { readCredentialProviderConfig } from "../../src/kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import { kubeletRelease } from "../../src/kubelet/kubeletRelease.ts";
import { accountA, instanceCorp, keyA, oidcProvider, roleAnyPod } from "../cloud/defaultWorld.ts";
import { filesOf } from "../kubeletConfig/files.ts";
import { runExecutable } from "../support/executable.ts";
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
      env: [{ name: "BUN_JSC_useJIT", value: "0" }],
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

  test("default hosts of a form that is not documented, once the instance's domains show them", async () => {
    const internal = "corp-registry-internal.cn-hangzhou.cr.aliyuncs.com";
    const native = { registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }], identity };
    const before = await printed(native);
    expect(before.provider.matchImages).toEqual([
      "*-registry.cn-hangzhou.cr.aliyuncs.com",
      "*-registry-vpc.cn-hangzhou.cr.aliyuncs.com",
    ]);
    const corp = at.cloud.world.instances.find(({ instanceId }) => instanceId === instanceCorp);
    const endpoint = corp?.endpoints[0];
    if (endpoint === undefined) throw new Error("corp has no endpoint");
    endpoint.domains.push({ domain: internal, type: "SYSTEM" });
    await at.node.pull("images.example.com/apps/web");
    at.cloud.reset();
    const after = await printed(native);
    expect(after.provider.matchImages).toEqual([
      ...before.provider.matchImages,
      "images.example.com",
      internal,
    ]);
    expect(after.text).toContain(`# registries[0]: further hosts of ${instanceCorp}`);
  });

  test.each([
    ["acr", "acr"],
    ["9-acr", "9-acr"],
    ["yes", "yes"],
    ["a:b#c", "a:b#c"],
  ])("--name %s is the provider's name, and the kubelet takes it", async (name, read) => {
    const { provider, text } = await printed({ registries, identity }, "--name", name);
    expect(provider.name).toBe(read);
    const files = filesOf({ "/c.yaml": text });
    const verdict = await readCredentialProviderConfig("/c.yaml", { release: kubeletRelease("1.34"), files });
    expect(verdict).toMatchObject({ accepted: true, providers: [{ name: read }], remarks: [] });
  });

  test.each(["", "a b", "../acr", "/usr/bin/acr", ".", "..", "a\nb"])(
    "--name %j is refused",
    async (name) => {
      const { status, stdout, stderr } = await at.node.run(["kubelet-config", "--name", name]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toContain("is not the name of an executable");
    },
  );

  test("--config-on-node is the path in the arguments, none for the default one", async () => {
    const elsewhere = await printed({ registries, identity }, "--config-on-node", "/etc/acr/config.yaml");
    expect(elsewhere.provider.args).toEqual(["--config", "/etc/acr/config.yaml"]);
    const path = "/etc/aliyun-acr-credential-provider/config.yaml";
    const usual = await printed({ registries, identity }, "--config-on-node", path);
    expect(usual.provider.args).toBeUndefined();
    expect(usual.text).not.toContain(at.node.directory);
    const { status, stderr } = await at.node.run(["kubelet-config", "--config-on-node", "config.yaml"]);
    expect(status).toBe(2);
    expect(stderr).toContain('--config-on-node "config.yaml" is not an absolute path');
  });

  test("without a config file on this machine it still names the one on the node", async () => {
    const { status, stdout } = await runExecutable({
      args: ["kubelet-config", "--config-on-node", "/opt/acr.yaml"],
    });
    expect(status).toBe(0);
    expect(parse(stdout).providers[0].args).toEqual(["--config", "/opt/acr.yaml"]);
  });

  test("the compiler is off, and the variables that some nodes need are there to be uncommented", async () => {
    const { provider, text } = await printed({ registries, identity });
    const withoutCompiler = { name: "BUN_JSC_useJIT", value: "0" };
    expect(provider.env).toEqual([withoutCompiler]);
    const uncommented = text.replace(/^( *)# (- \{name: .*)$/gm, "$1$2");
    expect(parse(uncommented).providers[0].env).toEqual([
      withoutCompiler,
      { name: "HTTPS_PROXY", value: "http://proxy.example.com:3128" },
      { name: "LD_LIBRARY_PATH", value: "" },
    ]);
    const files = filesOf({ "/c.yaml": uncommented });
    const verdict = await readCredentialProviderConfig("/c.yaml", { release: kubeletRelease("1.34"), files });
    expect(verdict).toMatchObject({ accepted: true, remarks: [] });
  });

  test.each(["1.24", "1.26", "1.33", "1.34", "1.37"])(
    "a kubelet %s starts with whatever is printed",
    async (name) => {
      const release = kubeletRelease(name);
      const configs = [
        {},
        { registries, identity },
        ...(release.tokens === "none" ? [] : [{ registries, identity: podIdentity, ...annotations }]),
      ];
      for (const native of configs) {
        const { text } = await printed(native, "--kubernetes", name);
        const options = {
          release,
          serviceAccountTokens: release.tokens !== "none",
          files: filesOf({ "/c.yaml": text }),
        };
        expect(await readCredentialProviderConfig("/c.yaml", options)).toMatchObject({
          accepted: true,
          remarks: [],
        });
      }
    },
  );

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
