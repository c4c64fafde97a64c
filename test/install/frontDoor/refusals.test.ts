import { expect, test } from "bun:test";
import { describeAsRoot } from "../support/asRoot.ts";
import { debNode, otherProvider } from "../support/nodeTree.ts";
import { CONFIG, refused, removeTrees, tree, useTree } from "../support/onTree.ts";

removeTrees();

describeAsRoot("kubeadm: what is not understood, or cannot be done", () => {
  test.each<[string, Record<string, string>, string]>([
    [
      "Environment= alone sets the variable",
      {
        "/etc/systemd/system/kubelet.service.d/20.conf": "[Service]\nEnvironment=KUBELET_EXTRA_ARGS=--v=2\n",
        "/etc/default/kubelet": "",
      },
      "is set by Environment= of kubelet.service only",
    ],
    [
      "a file of someone else sets it",
      {
        "/etc/systemd/system/kubelet.service.d/20.conf": "[Service]\nEnvironmentFile=/etc/mine\n",
        "/etc/mine": "KUBELET_EXTRA_ARGS=\n",
      },
      "is set by /etc/mine, which belongs to whoever made it",
    ],
    [
      "the command line does not have the variable",
      {
        "/etc/systemd/system/kubelet.service.d/20.conf":
          "[Service]\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_ARGS\n",
      },
      "the command line of kubelet.service does not have $KUBELET_EXTRA_ARGS",
    ],
    [
      "the executable of another provider is missing",
      { [CONFIG]: otherProvider },
      "/ecr-credential-provider is missing",
    ],
    [
      "the kubelet's config is not one that it starts with",
      { [CONFIG]: otherProvider.replace("matchImages", "matchImage") },
      `would not start with it: ${CONFIG}: line`,
    ],
  ])("refused, and nothing changed: %s", async (_name, files, words) => {
    useTree({ ...debNode, ...files });
    expect(await refused("install")).toContain(words);
  });

  test("a file that cannot be written: all is as it was before, and the error says which", async () => {
    useTree(debNode);
    tree.write("/etc/kubernetes", "a file where a folder should be\n");
    const before = tree.state();
    const { status, stderr } = await tree.node("install");
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(CONFIG) });
    expect(tree.state()).toEqual(before);
  });
});
