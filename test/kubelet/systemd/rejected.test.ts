import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { waitFor } from "../node/service.ts";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";
import { kubeadmNode } from "./nodeFiles.ts";
import { ACR } from "./systemdNode.ts";
import {
  BIN,
  CONFIG,
  DROP_IN,
  done,
  dropIn,
  isRolledBack,
  NAME,
  needsTokens,
  node,
  onNode,
  state,
} from "./underSystemd.ts";

describeForEachRelease(
  "what node install does about kubelets that do not start with what it changed",
  (release) => {
    onNode(kubeadmNode(release), "kubelet");

    test("a kubelet that does not start with it is healthy again within 30 s, and its words are told", async () => {
      node.write("/root/tokens.yaml", needsTokens);
      node.write(DROP_IN, dropIn);
      expect(await node.survivesRestart("kubelet")).toBe(true);
      await isRolledBack(
        "tokenAttributes is not supported when KubeletServiceAccountTokenForCredentialProviders",
      );
      expect(node.read("/etc/default/kubelet")).toBe("KUBELET_EXTRA_ARGS=\n");
      expect([CONFIG, `${BIN}/${NAME}`].map((path) => existsSync(node.root + path))).toEqual([false, false]);
      await node.run("rm", DROP_IN);
      await node.survivesRestart("kubelet");
      expect(await done("install", "--config", "/root/tokens.yaml", "--force")).toContain(
        "restarted, healthy",
      );
      await done("uninstall");
    });

    test.each(["install", "install --config /root/tokens.yaml", "uninstall"])(
      "killed while its kubelet does not start with what was changed: node %s finds a way out",
      async (way) => {
        node.write("/root/tokens.yaml", needsTokens);
        node.write(DROP_IN, dropIn);
        expect(await node.survivesRestart("kubelet")).toBe(true);
        const running = node.start(ACR, "node", "install", "--config", "/root/tokens.yaml");
        await waitFor("end of the kubelet", async () =>
          (await node.run("systemctl", "show", "kubelet", "-p", "SubState")).stdout.includes("auto-restart"),
        );
        running.kill();
        expect(await running.ended).toMatchObject({ status: 137 });
        expect(await node.isHealthy(1)).toBe(false);
        expect(await state()).toMatchObject({ isUnfinished: true, isRunning: false });
        const isRejected = way.includes("tokens");
        // The config that was given stays, and needs tokens as well: the node's own is another one.
        if (way === "install") await node.run("rm", "/etc/aliyun-acr-credential-provider/config.yaml");
        const { status, stderr } = await node.acr("node", ...way.split(" "));
        expect({ status, stderr }).toEqual({
          status: isRejected ? 1 : 0,
          stderr: isRejected ? expect.stringContaining("the kubelet is healthy again") : "",
        });
        expect(await node.isHealthy(1)).toBe(true);
        expect(await state()).toMatchObject({ isUnfinished: false, isRunning: way === "install" });
        if (isRejected) expect(node.read("/etc/default/kubelet")).toBe("KUBELET_EXTRA_ARGS=\n");
        await done("uninstall");
        await node.run("rm", "-rf", DROP_IN, "/var/lib/aliyun-acr-credential-provider");
        await node.survivesRestart("kubelet");
      },
    );
  },
);
