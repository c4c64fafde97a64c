import { expect, test } from "bun:test";
import { waitFor } from "../node/service.ts";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";
import { kubeadmNode } from "./nodeFiles.ts";
import { CONFIG, done, gate, needsTokens, node, onNode, pidOf, state } from "./underSystemd.ts";

describeForEachRelease(
  "what node install does about kubelets that cannot be asked, or were changed",
  (release) => {
    onNode(kubeadmNode(release), "kubelet");

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
      await node.restart("kubelet");
      await hasReadItsFiles();
      const said = await done("install");
      expect(Number(/restarted, healthy after ([\d.]+) s/.exec(said)?.[1])).toBeGreaterThan(9);
      const pid = await pidOf("kubelet");
      expect(await done("install")).toContain("not restarted: it has read this already");
      await node.run("sh", "-c", `cp ${CONFIG} /root/same && cp /root/same ${CONFIG}`);
      expect(await done("install")).toContain("not restarted: it has read this already");
      expect(await pidOf("kubelet")).toBe(pid);
      // Someone else's restart: then only the time of the last change can tell.
      await node.restart("kubelet");
      await hasReadItsFiles();
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

/** It listens for the API server once it has read all of them. */
const hasReadItsFiles = () =>
  waitFor("listening kubelet", async () => {
    const { status } = await node.run("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/10250");
    return status === 0;
  });
