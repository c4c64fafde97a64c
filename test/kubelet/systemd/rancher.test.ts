import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";
import { k3sLikeNode, rke2LikeNode } from "./nodeFiles.ts";
import { DROP_IN, done, dropIn, isRolledBack, needsTokens, node, onNode, state } from "./underSystemd.ts";

describeForEachRelease("node install under systemd, as k3s and RKE2 run", (release) => {
  describe("k3s", () => {
    onNode(k3sLikeNode(release), "k3s");
    comesAndGoes("k3s", release.version);
  });
  describe("RKE2", () => {
    onNode(rke2LikeNode(release), "rke2-agent");
    comesAndGoes("rke2", release.version);
  });
});

function comesAndGoes(profile: string, version: string): void {
  const folder = "/var/lib/rancher/credentialprovider";

  test("install, once more, and uninstall", async () => {
    const said = await done("install");
    expect(said).toStartWith(`profile: ${profile} (`);
    expect(said).toContain(`Kubernetes ${version}`);
    expect(said).toContain("kubelet: restarted, healthy after");
    expect(await state()).toMatchObject({ isWired: true, isRunning: true });
    expect(await done("install")).toContain("kubelet: not restarted: it has read this already");
    expect(await done("uninstall")).toContain("kubelet: restarted, healthy after");
    expect(existsSync(node.root + folder)).toBe(false);
  });

  test("what it does not start with is taken back", async () => {
    node.write("/root/tokens.yaml", needsTokens);
    node.write(DROP_IN, dropIn);
    expect(await node.survivesRestart(profile === "k3s" ? "k3s" : "rke2-agent")).toBe(true);
    const seconds = await isRolledBack(
      "tokenAttributes is not supported when KubeletServiceAccountTokenForCredentialProviders",
    );
    // Not only when the 30 s are over: the unit of RKE2 stays active, but its kubelet has ended twice.
    expect(seconds).toBeLessThan(25);
    expect(existsSync(`${node.root}${folder}/config.yaml`)).toBe(false);
  });
}
