import { afterEach, beforeEach, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { parse } from "yaml";
import { describeAsRoot, testAsRoot } from "../support/asRoot.ts";
import { debNode, type NodeTree, nodeTree, otherProvider } from "../support/nodeTree.ts";

const NAME = "aliyun-acr-credential-provider";
const CONFIG = `/etc/${NAME}/config.yaml`;
const KUBELET_CONFIG = "/etc/kubernetes/credential-provider.yaml";
const secrets = ["ThisIsTheFirstSecretOfATest01", "ThisIsTheOtherSecretOfATest02"];

const configText = (host: string, secret?: string) =>
  [
    "apiVersion: aliyun-acr-credential-provider/v1",
    "kind: ProviderConfig",
    `registries: [{instanceId: cri-0123456789abcdef, regionId: cn-hangzhou, domains: [${host}]}]`,
    ...(secret === undefined
      ? []
      : [`identity: {source: accessKey, accessKeyId: LTAI5tExample, accessKeySecret: ${secret}}`]),
    "",
  ].join("\n");

let tree: NodeTree;
let folder: string;
beforeEach(() => {
  tree = nodeTree(debNode);
  folder = mkdtempSync(`${tmpdir()}/acr-install-`);
});
afterEach(() => {
  tree.remove();
  rmSync(folder, { recursive: true });
});

function given(text: string): string {
  const file = `${folder}/given.yaml`;
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

describeAsRoot("--config", () => {
  test("goes to the default place, closed to others, and decides what the kubelet asks the plugin for", async () => {
    const { status, stdout } = await tree.node(
      "install",
      "--config",
      given(configText("a.example.com", secrets[0])),
    );
    expect({ status, said: stdout.includes(`config: ${CONFIG}: made\n`) }).toEqual({ status: 0, said: true });
    expect(tree.read(CONFIG)).toBe(configText("a.example.com", secrets[0]));
    expect(statSync(tree.root + CONFIG).mode & 0o7777).toBe(0o600);
    const [provider] = parse(tree.read(KUBELET_CONFIG)).providers;
    expect(provider).toEqual({
      name: NAME,
      apiVersion: "credentialprovider.kubelet.k8s.io/v1",
      matchImages: ["a.example.com"],
      defaultCacheDuration: "0s",
      env: [{ name: "BUN_JSC_useJIT", value: "0" }],
    });
  });

  test("the node's own config counts where none is given", async () => {
    tree.write(CONFIG, configText("own.example.com"));
    expect(await tree.node("install")).toMatchObject({ status: 0, stderr: "" });
    expect(parse(tree.read(KUBELET_CONFIG)).providers[0].matchImages).toEqual(["own.example.com"]);
    await tree.node("uninstall");
    expect(tree.read(CONFIG)).toBe(configText("own.example.com"));
  });

  test("one that this installed is replaced; another one only by force", async () => {
    await tree.node("install", "--config", given(configText("a.example.com")));
    expect(await tree.node("install", "--config", given(configText("b.example.com")))).toMatchObject({
      status: 0,
    });
    tree.write(CONFIG, configText("by-hand.example.com"));
    const refused = await tree.node("install", "--config", given(configText("c.example.com")));
    expect(refused).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("code ConfigExists"),
    });
    expect(tree.read(CONFIG)).toBe(configText("by-hand.example.com"));
    expect(
      await tree.node("install", "--config", given(configText("c.example.com")), "--force"),
    ).toMatchObject({ status: 0 });
    expect(tree.read(CONFIG)).toBe(configText("c.example.com"));
  });

  test("uninstall leaves one that was changed since, and says so; by force it goes", async () => {
    await tree.node("install", "--config", given(configText("a.example.com")));
    tree.write(CONFIG, configText("by-hand.example.com"));
    const { status, stdout } = await tree.node("uninstall");
    expect({ status, left: stdout.includes(`config: ${CONFIG}: left, because it was changed`) }).toEqual({
      status: 0,
      left: true,
    });
    expect(tree.has(CONFIG)).toBe(true);
    expect(tree.has(`/usr/local/lib/credential-providers/${NAME}`)).toBe(false);
  });

  test.each([
    [
      "is not valid",
      "apiVersion: aliyun-acr-credential-provider/v1\nkind: ProviderConfig\nregistry: []\n",
      "registry",
    ],
    ["does not exist", undefined, "it does not exist"],
  ])("one that %s is refused, with nothing changed", async (_name, text, words) => {
    const before = tree.state();
    const file = text === undefined ? `${folder}/none.yaml` : given(text);
    const { status, stdout, stderr } = await tree.node("install", "--config", file);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(tree.state()).toEqual(before);
  });

  test("domains that are gone from the config stay with the kubelet, unless by force", async () => {
    await tree.node("install", "--config", given(configText("a.example.com")));
    await tree.node("install", "--config", given(configText("b.example.com")));
    const patterns = () => parse(tree.read(KUBELET_CONFIG)).providers[0].matchImages;
    expect(patterns()).toEqual(["b.example.com", "a.example.com"]);
    await tree.node("install", "--force");
    expect(patterns()).toEqual(["b.example.com"]);
  });
});

testAsRoot("--dry-run shows the differences as diff -u does, and no secret, old or new", async () => {
  tree.write(CONFIG, configText("old.example.com", secrets[0]), 0o600);
  tree.write(KUBELET_CONFIG, otherProvider);
  tree.write("/usr/local/lib/credential-providers/ecr-credential-provider", "#!/bin/sh\n", 0o755);
  const before = tree.state();
  const file = given(configText("new.example.com", secrets[1]));
  const { status, stdout } = await tree.node("install", "--config", file, "--dry-run", "--force");
  expect(status).toBe(0);
  for (const secret of secrets) expect(stdout).not.toContain(secret);
  expect(stdout).toContain(`--- ${CONFIG}\n+++ ${CONFIG}\n@@`);
  expect(stdout).toContain(
    "\n-registries: [{instanceId: cri-0123456789abcdef, regionId: cn-hangzhou, domains: [old.example.com]}]\n",
  );
  expect(stdout).toContain(`     apiVersion: credentialprovider.kubelet.k8s.io/v1\n+  - name: ${NAME}\n`);
  expect(stdout).toContain('\n-KUBELET_EXTRA_ARGS=\n+KUBELET_EXTRA_ARGS="--image-credential');
  expect(tree.state()).toEqual(before);
});

testAsRoot(
  "the lock is that of flock: who has it keeps others out, and whoever dies gives it back",
  async () => {
    const lock = `${tree.root}/run/${NAME}-install.lock`;
    writeFileSync(lock, "");
    const holder = spawn("flock", ["-x", lock, "sleep", "60"], { stdio: "ignore", detached: true });
    await Bun.sleep(300);
    const before = tree.state();
    for (const command of ["install", "uninstall"]) {
      const { status, stderr } = await tree.node(command);
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringContaining("code InstallLocked"),
      });
    }
    expect(tree.state()).toEqual(before);
    expect(await tree.node("status")).toMatchObject({ status: 0 });
    process.kill(-(holder.pid as number), "SIGKILL");
    await Bun.sleep(100);
    expect(await tree.node("install")).toMatchObject({ status: 0, stderr: "" });
  },
);

testAsRoot("wrong usage is told, with nothing changed", async () => {
  const before = tree.state();
  for (const [args, words] of [
    [["--profile", "openshift"], "use one of kubeadm, k3s, rke2, microk8s, files"],
    [["--bin-dir", "relative/path"], "absolute path"],
    [["--kubelet-config", "/etc/with space.yaml"], "absolute path"],
    [["--kubernetes", "1.20"], "1.24"],
  ] as const) {
    const { status, stdout, stderr } = await tree.node("install", ...args);
    expect({ args, failed: status !== 0, stdout }).toEqual({ args, failed: true, stdout: "" });
    expect(stderr).toContain(words);
  }
  expect(tree.state()).toEqual(before);
});
