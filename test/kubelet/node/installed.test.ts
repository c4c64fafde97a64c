import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { type Release, releases } from "../setup/releases.ts";
import { providerName } from "../support/kubeletConfig.ts";
import { kubeadmNode } from "../systemd/nodeFiles.ts";
import { bootNode, type SystemdNode } from "../systemd/systemdNode.ts";
import { containerdConfig, pullCommand } from "./containerd.ts";
import { cgroupVariable } from "./enclosure.ts";
import { hostsFile } from "./inside.ts";
import { pluginRuns, podManifest } from "./kubelet.ts";
import { addresses, enterpriseHost, fillStorage, pauseImage, type Region, startRegion } from "./node.ts";
import { pluginConfig } from "./pluginConfig.ts";
import { podState } from "./pods.ts";
import { authorisedRequests } from "./registry.ts";
import { waitFor } from "./service.ts";

const CA = "/etc/acr-test-ca.pem";
const MANIFESTS = "/etc/kubernetes/manifests";
const JSON_CONFIG = "/etc/cp/config.json";
/** Another provider's, as an operator wrote it. */
const otherProviders = {
  apiVersion: "kubelet.config.k8s.io/v1",
  kind: "CredentialProviderConfig",
  providers: [
    {
      name: "ecr-credential-provider",
      matchImages: ["*.dkr.ecr.*.amazonaws.com"],
      defaultCacheDuration: "12h",
      apiVersion: "credentialprovider.kubelet.k8s.io/v1",
    },
  ],
};

describe.skipIf(!process.env[cgroupVariable])("after node install under systemd", () => {
  let region: Region;
  beforeAll(async () => {
    region = await startRegion();
    await fillStorage();
  });

  describe.each(releases.map((release) => [release.version, release] as const))(
    "kubelet %s",
    (_, release) => {
      let node: SystemdNode;
      beforeAll(async () => {
        node = await bootNode(nodeFiles(release, region), "shared");
        expect(await node.run(...pullCommand(pauseImage))).toMatchObject({ status: 0 });
        expect(await node.survivesRestart("kubelet")).toBe(true);
      });
      afterAll(() => node.stop());
      afterEach(() => expect(region.cloud.violations).toEqual([]));

      const add = (name: string, repository: string) =>
        node.write(`${MANIFESTS}/${name}.json`, podManifest(name, `${enterpriseHost}/${repository}:1`));
      const isRunning = (name: string) =>
        waitFor(`running ${name}`, async () => (await podState(name))?.container === "running");
      const install = async () =>
        expect(await node.acr("node", "install", "--config", "/root/config.json")).toEqual({
          status: 0,
          stdout: expect.stringContaining("restarted, healthy"),
          stderr: "",
        });

      test("a pod runs whose private image could not be pulled before", async () => {
        const since = region.registries.enterprise.position();
        add("before", "team/web");
        await waitFor("failed pull", async () =>
          /ErrImagePull|ImagePullBackOff/.test((await podState("before"))?.container ?? ""),
        );
        expect(authorisedRequests(region.registries.enterprise, since)).toEqual([]);
        await install();
        await isRunning("before");
        expect(await pluginRuns()).toBe(1);
        expect(authorisedRequests(region.registries.enterprise, since)).not.toEqual([]);
      });

      test("and beside another provider in a file that is JSON", async () => {
        expect(await node.acr("node", "uninstall")).toMatchObject({ status: 0, stderr: "" });
        node.write("/opt/cp/ecr-credential-provider", { script: "#!/bin/sh\n" });
        node.write(JSON_CONFIG, JSON.stringify(otherProviders, null, 2));
        node.write(
          "/etc/default/kubelet",
          `KUBELET_EXTRA_ARGS='--image-credential-provider-config=${JSON_CONFIG} --image-credential-provider-bin-dir=/opt/cp'\n`,
        );
        expect(await node.survivesRestart("kubelet")).toBe(true);
        await install();
        const { providers } = JSON.parse(node.read(JSON_CONFIG)) as typeof otherProviders;
        expect(providers.map(({ name }) => name)).toEqual(["ecr-credential-provider", providerName]);
        add("json", "team/worker");
        await isRunning("json");
      });
    },
  );
});

/** What a node of this region has besides: its names, its certificates, and a kubelet that runs the pods of a folder. */
function nodeFiles(release: Release, { cloud }: Region) {
  return {
    ...kubeadmNode(release),
    "/etc/hosts": hostsFile(addresses),
    "/etc/resolv.conf": "nameserver 127.0.0.1\n",
    [CA]: readFileSync(cloud.caFile, "utf8"),
    "/root/config.json": pluginConfig({ caFile: CA }),
    "/etc/containerd/config.toml": containerdConfig(pauseImage, "/run/acr-test"),
    "/etc/systemd/system/containerd.service.d/ca.conf": `[Service]\nEnvironment=SSL_CERT_FILE=${CA}\n`,
    [`${MANIFESTS}/.keep`]: "",
    // The disk of whoever runs these tests may be as full as it likes.
    "/etc/kubelet.d/pods.conf": `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodPath: ${MANIFESTS}
fileCheckFrequency: 1s
readOnlyPort: 10255
evictionHard: {"nodefs.available": "0%", "imagefs.available": "0%", "memory.available": "0%"}
imageGCHighThresholdPercent: 100
`,
  };
}
