import { afterAll, beforeAll, expect } from "bun:test";
import { bootNode, type NodeFile, type Ran, type SystemdNode } from "./systemdNode.ts";

export const NAME = "aliyun-acr-credential-provider";
export const BIN = "/usr/local/lib/credential-providers";
export const CONFIG = "/etc/kubernetes/credential-provider.yaml";

/** A config of the plugin for which its provider has tokenAttributes. */
export const needsTokens =
  "apiVersion: aliyun-acr-credential-provider/v1\nkind: ProviderConfig\naccess: {namespaces: [apps]}\n";

/** A kubelet that is told this does not start with tokenAttributes; what stands in its --config-dir is not looked at. */
export const gate = "featureGates: {KubeletServiceAccountTokenForCredentialProviders: false}\n";
export const DROP_IN = "/etc/kubelet.d/gate.conf";
export const dropIn = `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${gate}`;

/** The node of the test file that runs. */
export let node: SystemdNode;

/** Boots the node for all tests of a group. */
export function onNode(files: Readonly<Record<string, NodeFile>>, unit: string): void {
  beforeAll(async () => {
    node = await bootNode(files);
    await node.run("systemctl", "start", "--no-block", unit);
    expect(await node.isHealthy(60)).toBe(true);
  });
  afterAll(() => node.stop());
}

/** A command of `node` that succeeds and complains of nothing. @returns what it prints. */
export async function done(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await node.acr("node", ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

export async function state(): Promise<Record<string, unknown>> {
  return JSON.parse(await done("status", "--output", "json"));
}

export async function pidOf(name: string): Promise<string> {
  return (await node.run("pidof", name)).stdout.trim();
}

/** Rejected, back within 30 s, and not tried again. @returns how long it took (s). */
export async function isRolledBack(names: string): Promise<number> {
  const started = Date.now();
  const { status, stderr } = await node.acr("node", "install", "--config", "/root/tokens.yaml");
  const seconds = (Date.now() - started) / 1000;
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("code KubeletRejected") });
  expect(stderr).toContain(names);
  expect(stderr).toContain("the kubelet is healthy again after");
  expect(seconds).toBeLessThan(40);
  expect(await node.isHealthy(1)).toBe(true);
  const again: Ran = await node.acr("node", "install", "--config", "/root/tokens.yaml");
  expect(again).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringContaining("is not restarted for it again"),
  });
  return seconds;
}
