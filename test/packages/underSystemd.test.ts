import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { markedBlocks } from "../documents/support/markedBlocks.ts";
import { kubeadmNode } from "../kubelet/systemd/nodeFiles.ts";
import { bootNode, type SystemdNode } from "../kubelet/systemd/systemdNode.ts";
import { debOf, isPrepared, kubeletRelease, name, newPackages } from "./support/built.ts";

const copy = `/usr/local/lib/credential-providers/${name}`;
const done = { status: 0, stderr: "" };

describe.skipIf(!isPrepared)(`the deb on a node with systemd and a kubelet ${kubeletRelease.version}`, () => {
  let node: SystemdNode;
  beforeAll(async () => {
    node = await bootNode({
      ...kubeadmNode(kubeletRelease),
      "/root/config.yaml":
        "apiVersion: aliyun-acr-credential-provider/v1\nkind: ProviderConfig\ndefaultRegion: cn-hangzhou\n",
      [`/root/${debOf("amd64")}`]: { linkTo: `${newPackages}/${debOf("amd64")}` },
    });
    await node.run("systemctl", "start", "--no-block", "kubelet");
    expect(await node.isHealthy(60)).toBe(true);
  });
  afterAll(() => node.stop());

  const documented = markedBlocks(`${root}docs/install.md`).find(({ what }) => what === "the package");
  const atRoot = (line: string) => node.run("sh", "-ec", `cd /root; ${line}`);
  const kubelet = async () => (await node.run("pidof", "kubelet")).stdout.trim();

  test("the package leaves the kubelet alone, and node install out of it leads the kubelet to a copy", async () => {
    const pid = await kubelet();
    const [apt = "", install = ""] = documented?.lines ?? [];
    expect(await atRoot(apt)).toMatchObject({ status: 0 });
    expect(await kubelet()).toBe(pid);
    const { status, stdout } = await atRoot(install);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining("restarted, healthy") });
    expect(stdout).toContain(`executable: ${copy}: installed`);
  });

  test("without the package the same kubelet runs on, starts again, and its copy answers", async () => {
    const pid = await kubelet();
    const { status, stdout } = await node.run("dpkg", "-P", name);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringContaining(`${copy} node uninstall`),
    });
    expect(await kubelet()).toBe(pid);
    expect(existsSync(`${node.root}/usr/bin/${name}`)).toBe(false);
    expect(await node.survivesRestart("kubelet")).toBe(true);
    const request =
      '{"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"a.example.com/b"}';
    const answer = await node.run("sh", "-c", `echo '${request}' | ${copy}`);
    expect(answer).toMatchObject(done);
    expect(JSON.parse(answer.stdout)).toMatchObject({ kind: "CredentialProviderResponse", auth: {} });
  });

  test("and the copy takes itself off the node", async () => {
    const { status, stdout } = await node.run(copy, "node", "uninstall");
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining("restarted, healthy") });
    expect(existsSync(node.root + copy)).toBe(false);
    expect(await node.isHealthy(1)).toBe(true);
  });
});
