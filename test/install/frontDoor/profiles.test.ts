import { expect, test } from "bun:test";
import { parse } from "yaml";
import { describeAsRoot, testAsRoot } from "../support/asRoot.ts";
import {
  debNode,
  k3sNode,
  microK8sArgs,
  microK8sNode,
  otherProvider,
  rke2Node,
} from "../support/nodeTree.ts";
import { comesAndGoes, done, NAME, refused, removeTrees, tree, useTree } from "../support/onTree.ts";

removeTrees();

describeAsRoot("k3s and RKE2: no flags, the places that they look at", () => {
  const rancher = "/var/lib/rancher/credentialprovider";
  test.each([
    ["k3s", k3sNode],
    ["rke2", rke2Node],
  ])("%s: comes and goes without a trace", async (name, files) => {
    useTree(files);
    await comesAndGoes(name, `${rancher}/bin`, `${rancher}/config.yaml`);
    expect(await refused("install", "--kubelet-config", "/etc/cp.yaml")).toContain(
      `is led to ${rancher}/config.yaml`,
    );
  });

  test("places of its own config, and beside another provider", async () => {
    useTree({
      ...rke2Node,
      "/etc/rancher/rke2/config.yaml": "token: x\n",
      "/etc/rancher/rke2/config.yaml.d/cp.yaml":
        "image-credential-provider-config: /etc/cp.yaml\nimage-credential-provider-bin-dir: /opt/cp\n",
      "/etc/cp.yaml": otherProvider,
    });
    tree.write("/opt/cp/ecr-credential-provider", "#!/bin/sh\n", 0o755);
    await comesAndGoes("rke2", "/opt/cp", "/etc/cp.yaml");
  });
});

testAsRoot(
  "MicroK8s: two lines of its arguments, and the snap's libraries kept from the plugin",
  async () => {
    useTree(microK8sNode);
    const folder = "/var/snap/microk8s/common/credential-provider";
    await comesAndGoes("microk8s", `${folder}/bin`, `${folder}/config.yaml`);
    await done("install");
    expect(tree.read(microK8sArgs)).toBe(
      `${microK8sNode[microK8sArgs]}--image-credential-provider-bin-dir=${folder}/bin\n--image-credential-provider-config=${folder}/config.yaml\n`,
    );
    expect(parse(tree.read(`${folder}/config.yaml`)).providers[0].env).toEqual([
      { name: "BUN_JSC_useJIT", value: "0" },
      { name: "LD_LIBRARY_PATH", value: "" },
    ]);
  },
);

describeAsRoot("--profile", () => {
  test("files: no flags and no service, and it says which flags to set", async () => {
    useTree({ ...debNode });
    const said = await done(
      "install",
      "--profile",
      "files",
      "--bin-dir",
      "/opt/bin",
      "--kubelet-config",
      "/etc/cp.json",
    );
    expect(said).toContain(
      "--image-credential-provider-bin-dir=/opt/bin --image-credential-provider-config=/etc/cp.json",
    );
    expect(JSON.parse(tree.read("/etc/cp.json")).providers[0].name).toBe(NAME);
    expect(tree.read("/etc/default/kubelet")).toBe("KUBELET_EXTRA_ARGS=\n");
    await done("uninstall");
    expect(tree.has("/etc/cp.json")).toBe(false);
  });

  test("where nothing tells, or two do, it has to be said", async () => {
    useTree({});
    expect(await refused("install")).toContain("neither a kubelet runs here nor is there a unit");
    useTree({ ...debNode, ...k3sNode });
    expect(await refused("install")).toContain("are both here");
    expect(await done("install", "--profile", "k3s")).toStartWith("profile: k3s (--profile");
  });
});
