import { expect, test } from "bun:test";
import { otherProvider, rpmNode } from "../../install/support/nodeTree.ts";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";
import { kubeadmNode } from "./nodeFiles.ts";
import { BIN, done, NAME, node, onNode, pidOf, state } from "./underSystemd.ts";

const ENVIRONMENT = "/etc/sysconfig/kubelet";

describeForEachRelease("node install under systemd, with the files of the official rpm", (release) => {
  onNode(kubeadmNode(release, rpmNode), "kubelet");

  test("over an older executable: the new one takes its place, and the kubelet runs on", async () => {
    expect(await done("install")).toContain(`flags: ${ENVIRONMENT}: changed\nkubelet: restarted, healthy`);
    const pid = await pidOf("kubelet");
    node.write(`${BIN}/${NAME}`, { script: "#!/bin/sh\necho older\n" });
    expect(await state()).toMatchObject({ executable: { state: "other" }, isWired: true });
    expect(await done("install")).toContain(`executable: ${BIN}/${NAME}: installed\n`);
    expect(await pidOf("kubelet")).toBe(pid);
    expect(await state()).toMatchObject({ executable: { state: "installed" }, isRunning: true });
    await done("uninstall");
    expect(node.read(ENVIRONMENT)).toBe("KUBELET_EXTRA_ARGS=\n");
  });

  test("beside another provider in one file with comments: that stays, byte for byte", async () => {
    const flags =
      "--image-credential-provider-config=/etc/cp.yaml --image-credential-provider-bin-dir=/opt/cp";
    node.write("/opt/cp/ecr-credential-provider", { script: "#!/bin/sh\n" });
    node.write("/etc/cp.yaml", otherProvider);
    node.write(ENVIRONMENT, `KUBELET_EXTRA_ARGS='${flags}'\n`);
    expect(await node.survivesRestart("kubelet")).toBe(true);
    expect(await done("install")).toContain("kubelet: restarted, healthy");
    const [before = "", after = ""] = otherProvider.split(/(?=# The end)/);
    expect(node.read("/etc/cp.yaml")).toStartWith(`${before}  - name: ${NAME}\n`);
    expect(node.read("/etc/cp.yaml")).toEndWith(after);
    expect(await state()).toMatchObject({ flags: { areOurs: false }, isRunning: true });
    expect(await done("uninstall")).toContain("kubelet: restarted, healthy");
    expect(node.read("/etc/cp.yaml")).toBe(otherProvider);
    expect(node.read(ENVIRONMENT)).toBe(`KUBELET_EXTRA_ARGS='${flags}'\n`);
  });
});
