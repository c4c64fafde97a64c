import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { parse } from "yaml";
import { otherProvider } from "../../install/support/nodeTree.ts";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";
import { kubeadmNode } from "./nodeFiles.ts";
import { BIN, CONFIG, done, NAME, needsTokens, node, onNode, pidOf, state } from "./underSystemd.ts";

/** What an image for it has to hold: loader, libraries, chroot and the executable. */
const container = `set -e
mkdir -p /c/host /c/proc /c/dev /c/lib64 /c/lib/x86_64-linux-gnu /c/usr/sbin
cp -L /lib64/ld-linux-x86-64.so.2 /c/lib64/
for lib in libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2; do cp -L /lib/x86_64-linux-gnu/$lib /c/lib/x86_64-linux-gnu/; done
cp /usr/sbin/chroot /c/usr/sbin/
cp /root/${NAME} /c/acr`;
const mounts = "mount --rbind / /c/host && mount -t proc proc /c/proc && mount --rbind /dev /c/dev &&";

describeForEachRelease("node install under systemd, as kubeadm sets it up", (release) => {
  onNode(kubeadmNode(release), "kubelet");

  test("install, once more, and uninstall: one restart each, and a kubelet that has read it", async () => {
    const before = await pidOf("kubelet");
    const said = await done("install");
    expect(said).toContain(`Kubernetes ${release.version}\n`);
    expect(said).toContain("kubelet: restarted, healthy after");
    const after = await pidOf("kubelet");
    expect(after).not.toBe(before);
    expect(await state()).toMatchObject({ isInstalled: true, isWired: true, isRunning: true });
    const info = (await node.run("cat", `/proc/${after}/cmdline`)).stdout.split("\0");
    expect(info).toContain(`--image-credential-provider-config=${CONFIG}`);
    expect(await done("install")).toContain("kubelet: not restarted: it has read this already");
    expect(await pidOf("kubelet")).toBe(after);
    expect(await done("uninstall")).toContain("kubelet: restarted, healthy after");
    expect(node.read("/etc/default/kubelet")).toBe("KUBELET_EXTRA_ARGS=\n");
    expect(
      [CONFIG, `${BIN}/${NAME}`, "/var/lib/aliyun-acr-credential-provider"].map((path) =>
        existsSync(node.root + path),
      ),
    ).toEqual([false, false, false]);
    expect(await state()).toMatchObject({ isInstalled: false, isRunning: false });
  });

  test("two at once: one of them says that the other is at work, or finds it done", async () => {
    const runs = await Promise.all([
      node.acr("node", "install"),
      node.acr("node", "install"),
      node.acr("node", "install"),
    ]);
    const locked = runs.filter(({ stderr }) => stderr.includes("code InstallLocked"));
    expect(runs.filter(({ status }) => status === 0).length + locked.length).toBe(3);
    expect(runs.some(({ status }) => status === 0)).toBe(true);
    expect(await state()).toMatchObject({ isRunning: true });
    await done("uninstall");
  });

  test("beside another provider in a directory, by flags that are set already; by hand changed, it stays", async () => {
    node.write(`/opt/cp/ecr-credential-provider`, { script: "#!/bin/sh\n" });
    node.write(`/opt/cp/${NAME}`, { script: "#!/bin/sh\nexit 1\n" });
    node.write("/etc/cp/a.yaml", otherProvider);
    node.write(
      "/etc/default/kubelet",
      "KUBELET_EXTRA_ARGS='--image-credential-provider-config=/etc/cp --image-credential-provider-bin-dir=/opt/cp'\n",
    );
    expect(await node.survivesRestart("kubelet")).toBe(true);
    expect(await done("install")).toContain(
      `executable: /opt/cp/${NAME}: installed\nprovider: /etc/cp/${NAME}.yaml: made\nkubelet: restarted`,
    );
    const own = node.read(`/etc/cp/${NAME}.yaml`);
    node.write(`/etc/cp/${NAME}.yaml`, own.replace('"0s"', '"5m"'));
    const kept = await node.acr("node", "uninstall");
    expect(kept).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("was changed since it was installed"),
    });
    expect(await node.survivesRestart("kubelet")).toBe(true);
    await done("uninstall", "--force");
    expect(readdirSync(`${node.root}/etc/cp`)).toEqual(["a.yaml"]);
    expect(parse(node.read("/etc/cp/a.yaml")).providers).toHaveLength(1);
    expect(await node.isHealthy(1)).toBe(true);
    node.write("/etc/default/kubelet", "KUBELET_EXTRA_ARGS=\n");
    await node.survivesRestart("kubelet");
  });

  test("from a container, as a DaemonSet does: the node mounted at /host, its systemctl by chroot", async () => {
    const made = await node.run("sh", "-c", container);
    expect(made).toEqual({ status: 0, stdout: "", stderr: "" });
    const inside = (command: string) =>
      node.run(
        "unshare",
        "--mount",
        "sh",
        "-c",
        `${mounts} exec chroot /c /acr node ${command} --root /host`,
      );
    const installed = await inside("install");
    expect(installed).toEqual({
      status: 0,
      stdout: expect.stringContaining("restarted, healthy"),
      stderr: "",
    });
    expect((await inside("install")).stdout).toContain("not restarted: it has read this already");
    expect((await inside("status")).stdout).toContain("installed: yes, wired: yes, running: yes");
    expect((await inside("uninstall")).stdout).toContain("restarted, healthy");
    expect(node.read("/etc/default/kubelet")).toBe("KUBELET_EXTRA_ARGS=\n");
  });

  test("a config that names what is not on this node is refused; in another network nothing is done", async () => {
    const text = `${needsTokens}identity: {source: accessKey, directory: /etc/acr-keys}\n`;
    node.write("/root/keys.yaml", text);
    await node.run("chmod", "600", "/root/keys.yaml");
    const { status, stderr } = await node.acr("node", "install", "--config", "/root/keys.yaml");
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining("/etc/acr-keys") });
    const acr = "/root/aliyun-acr-credential-provider";
    const elsewhere = await node.run("unshare", "--net", acr, "node", "install");
    expect(elsewhere).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("hostNetwork: true"),
    });
    expect(node.read("/etc/default/kubelet")).toBe("KUBELET_EXTRA_ARGS=\n");
  });

  test("a read-only /usr: nothing is changed, and another folder works", async () => {
    await node.run("mount", "--bind", "/usr", "/usr");
    await node.run("mount", "-o", "remount,bind,ro", "/usr");
    const { status, stderr } = await node.acr("node", "install");
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("--bin-dir") });
    expect(node.read("/etc/default/kubelet")).toBe("KUBELET_EXTRA_ARGS=\n");
    expect(await done("install", "--bin-dir", "/opt/bin")).toContain("restarted, healthy");
    await done("uninstall");
    await node.run("umount", "/usr");
  });
});
