import { expect, test } from "bun:test";
import { parse } from "yaml";
import { describeAsRoot } from "../support/asRoot.ts";
import { debNode } from "../support/nodeTree.ts";
import { BIN, CONFIG, done, NAME, refused, removeTrees, tree, useTree } from "../support/onTree.ts";

removeTrees();

const provider = `apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
- defaultCacheDuration: 0s
  apiVersion: credentialprovider.kubelet.k8s.io/v1
  matchImages: ["registry.corp.example/team"]
  env: [{name: HTTPS_PROXY, value: "http://proxy.example:3128"}]
  name: ${NAME}
`;

describeAsRoot("node install for a DaemonSet", () => {
  test.each([
    ["registry.cn-hangzhou.aliyuncs.com/tools/plugin:1", "registry.*.aliyuncs.com"],
    ["a-registry-vpc.cn-beijing.cr.aliyuncs.com/x@sha256:0", "*-registry-vpc.*.cr.aliyuncs.com"],
  ])("--from-image %s, which it would need itself for: refused", async (image, pattern) => {
    useTree(debNode);
    const words = await refused("install", "--from-image", image);
    expect(words).toContain("code OwnRegistryMatched");
    expect(words).toContain(`by its pattern ${pattern}`);
  });

  test("--from-image of a registry that no pattern matches", async () => {
    useTree(debNode);
    await done("install", "--from-image", "registry.corp.example:5000/tools/plugin:1");
    await done("install", "--from-image", "docker.io/tools/plugin:1");
  });

  test("--provider: patterns and environment are those, and count for --from-image as well", async () => {
    useTree(debNode);
    tree.write("/provider.yaml", provider);
    const flag = ["--provider", `${tree.root}/provider.yaml`];
    expect(await refused("install", ...flag, "--from-image", "registry.corp.example/team/x:1")).toContain(
      "by its pattern registry.corp.example/team",
    );
    await done("install", ...flag, "--from-image", "registry.corp.example/other/x:1");
    expect(parse(tree.read(CONFIG))).toEqual(parse(provider));
    expect(await done("install", ...flag)).toContain(`provider: ${CONFIG}: unchanged`);
    tree.write("/provider.yaml", provider.replace("3128", "8080"));
    await done("install", ...flag);
    expect(parse(tree.read(CONFIG)).providers[0].env).toEqual([
      { name: "HTTPS_PROXY", value: "http://proxy.example:8080" },
    ]);
    await done("uninstall");
    expect(tree.has(CONFIG)).toBe(false);
  });

  test.each([
    ["another provider", provider.replace(NAME, "ecr-credential-provider"), "as its only provider"],
    ["two", provider + provider.slice(provider.indexOf("- default")), "as its only provider"],
    ["not YAML", "a: b: c", "Nested mappings"],
    ["a list", "[]", "as its only provider"],
  ])("--provider with %s is wrong usage", async (_name, text, words) => {
    useTree(debNode);
    tree.write("/provider.yaml", text);
    const { status, stderr } = await tree.node("install", "--provider", `${tree.root}/provider.yaml`);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining("code ProviderInvalid"),
    });
    expect(stderr).toContain(words);
  });

  test("--provider with a field that the kubelet does not know: refused by the kubelet's own rules", async () => {
    useTree(debNode);
    tree.write("/provider.yaml", provider.replace("matchImages", "matchImage"));
    expect(await refused("install", "--provider", `${tree.root}/provider.yaml`)).toContain(
      "code KubeletConfigInvalid",
    );
  });

  test("--require-running: files that no kubelet has read are not success", async () => {
    useTree(debNode);
    const { status, stdout, stderr } = await tree.node("install", "--require-running");
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("code NotRunning") });
    expect(stdout).toContain(`executable: ${BIN}/${NAME}: installed`);
    expect(tree.has(CONFIG)).toBe(true);
  });
});
