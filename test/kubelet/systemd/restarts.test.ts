import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";
import { kubeadmNode } from "./nodeFiles.ts";
import {
  BIN,
  CONFIG,
  DROP_IN,
  done,
  dropIn,
  gate,
  isRolledBack,
  NAME,
  needsTokens,
  node,
  onNode,
  pidOf,
  state,
} from "./underSystemd.ts";

describeForEachRelease(
  "what node install does about kubelets that do not start, or cannot be asked",
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
        const command = [
          "/root/aliyun-acr-credential-provider",
          "node",
          "install",
          "--config",
          "/root/tokens.yaml",
        ];
        expect(await node.run("timeout", "-s", "KILL", "4", ...command)).toMatchObject({ status: 137 });
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

    test("what its own config rules out is refused before anything is changed", async () => {
      const config = node.read("/var/lib/kubelet/config.yaml");
      node.write("/var/lib/kubelet/config.yaml", config + gate);
      node.write("/root/tokens.yaml", needsTokens);
      const pid = await pidOf("kubelet");
      const { status, stderr } = await node.acr("node", "install", "--config", "/root/tokens.yaml");
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringContaining("code KubeletConfigInvalid"),
      });
      expect(await pidOf("kubelet")).toBe(pid);
      node.write("/var/lib/kubelet/config.yaml", config);
    });

    test("a kubelet that does not tell what it has read, and has no health endpoint", async () => {
      const path = "/var/lib/kubelet/config.yaml";
      const config = node.read(path);
      node.write(
        path,
        `${config.replace("anonymous: {enabled: true}", "anonymous: {enabled: false}")}healthzPort: 0\n`,
      );
      await node.run("systemctl", "restart", "kubelet");
      await Bun.sleep(2000);
      const said = await done("install");
      expect(Number(/restarted, healthy after ([\d.]+) s/.exec(said)?.[1])).toBeGreaterThan(9);
      const pid = await pidOf("kubelet");
      expect(await done("install")).toContain("not restarted: it has read this already");
      await node.run("sh", "-c", `cp ${CONFIG} /root/same && cp /root/same ${CONFIG}`);
      expect(await done("install")).toContain("not restarted: it has read this already");
      expect(await pidOf("kubelet")).toBe(pid);
      // Someone else's restart: then only the time of the last change can tell.
      await node.run("systemctl", "restart", "kubelet");
      await Bun.sleep(2000);
      expect(await done("install")).toContain("not restarted: it has read this already");
      node.write(CONFIG, node.read(CONFIG).replace("registry.*", "by-hand.*"));
      expect(await state()).toMatchObject({ isWired: true, isRunning: false });
      expect(await done("install")).toContain("kubelet: restarted");
      node.write(path, config);
      expect(await node.survivesRestart("kubelet")).toBe(true);
      await done("uninstall");
    });

    test("a kubelet that was changed since its start is not restarted", async () => {
      node.write("/etc/default/kubelet", "KUBELET_EXTRA_ARGS=--no-such-flag\n");
      const { status, stderr } = await node.acr("node", "install");
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringContaining(`would start with "--no-such-flag"`),
      });
      expect(node.read("/etc/default/kubelet")).toBe("KUBELET_EXTRA_ARGS=--no-such-flag\n");
      node.write("/etc/default/kubelet", "KUBELET_EXTRA_ARGS=\n");
    });

    test("unit files that systemd has not loaded are not gone by", async () => {
      const dropIn = "/etc/systemd/system/kubelet.service.d/50-more.conf";
      node.write(dropIn, "[Service]\nEnvironmentFile=-/etc/more\n");
      expect((await node.acr("node", "install")).stderr).toContain("run systemctl daemon-reload");
      await node.run("rm", dropIn);
      await node.run("systemctl", "daemon-reload");
    });
  },
);
