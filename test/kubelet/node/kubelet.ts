import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { kubeletOf } from "../setup/paths.ts";
import type { Release } from "../setup/releases.ts";
import { runtimeSocket } from "./containerd.ts";
import { state } from "./inside.ts";
import { type Service, startService, waitFor } from "./service.ts";

export const manifests = `${state}/manifests`;
/** Served only inside the namespaces. */
export const kubeletApi = "http://127.0.0.1:10255";

/** How a kubelet finds the plugin. */
export interface PluginFlags {
  /** A file, or a directory of files. */
  readonly credentialProviderConfig: string;
  readonly credentialProviderBinDir: string;
}

export interface KubeletOptions extends PluginFlags {
  readonly release: Release;
  readonly cgroup: string;
}

/** Starts the kubelet without an API server: it runs the static pods of a folder. */
export async function startKubelet(options: KubeletOptions): Promise<Service> {
  const kubelet = startProcess(`kubelet-${options.release.version}`, options);
  await waitFor("kubelet", kubeletServes, { log: kubelet.log });
  return kubelet;
}

/** Starts a kubelet that should end by itself, and returns all that it logged by then. */
export const logOfEndingKubelet = (options: KubeletOptions): Promise<string> =>
  logOfEnding(startProcess(`kubelet-${options.release.version}-ends`, options));

const startProcess = (name: string, options: KubeletOptions): Service =>
  startKubeletProcess(name, options.release, kubeletConfiguration(options.cgroup), options, [
    "--hostname-override=node",
  ]);

/** Starts the process of a kubelet with this KubeletConfiguration; the service has this name. */
export function startKubeletProcess(
  name: string,
  release: Release,
  configuration: object,
  { credentialProviderConfig, credentialProviderBinDir }: PluginFlags,
  flags: readonly string[],
): Service {
  mkdirSync(manifests, { recursive: true });
  const config = `${state}/kubelet.json`;
  writeFileSync(config, JSON.stringify(configuration));
  return startService(name, [
    kubeletOf(release),
    `--config=${config}`,
    `--image-credential-provider-config=${credentialProviderConfig}`,
    `--image-credential-provider-bin-dir=${credentialProviderBinDir}`,
    ...flags,
    "-v=5",
  ]);
}

export async function kubeletServes(): Promise<boolean> {
  const response = await fetch(`${kubeletApi}/pods`).catch(() => undefined);
  return response?.ok ?? false;
}

/** All that a kubelet has logged when it has ended by itself. */
export async function logOfEnding(kubelet: Service): Promise<string> {
  await waitFor("end of the kubelet", () => !kubelet.running(), { log: kubelet.log });
  return kubelet.log();
}

/** What every kubelet of these tests is configured with. */
export const kubeletConfiguration = (cgroup: string) => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: "AlwaysAllow" },
  readOnlyPort: 10255,
  staticPodPath: manifests,
  fileCheckFrequency: "1s",
  containerRuntimeEndpoint: `unix://${runtimeSocket}`,
  volumePluginDir: `${state}/volume-plugins`,
  cgroupDriver: "cgroupfs",
  cgroupRoot: `/${cgroup}`,
  failCgroupV1: false,
  failSwapOn: false,
  // The disk of whoever runs these tests may be as full as it likes.
  evictionHard: { "nodefs.available": "0%", "imagefs.available": "0%", "memory.available": "0%" },
  imageGCHighThresholdPercent: 100,
});

type PullPolicy = "Always" | "IfNotPresent";

/** A pod of one container, by default pulled at every start. No pull secret, no service account. */
export const podManifest = (name: string, image: string, imagePullPolicy: PullPolicy = "Always") =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "app", image, imagePullPolicy }],
    },
  });

export function addPod(name: string, image: string, imagePullPolicy?: PullPolicy): void {
  // Written beside and renamed: the kubelet must not read half a file.
  writeFileSync(`${state}/${name}.json`, podManifest(name, image, imagePullPolicy));
  Bun.spawnSync(["mv", `${state}/${name}.json`, `${manifests}/${name}.json`]);
}

export const removePod = (name: string) => rmSync(`${manifests}/${name}.json`);

/** The names of all series that the kubelet has at this moment. */
export async function metricNames(): Promise<readonly string[]> {
  const series = (await metrics()).matchAll(/^[a-z]\w*/gm);
  return [...new Set([...series].map(([name]) => name))];
}

const metrics = async () => (await fetch(`${kubeletApi}/metrics`)).text();

/** How often the kubelet ran the plugin since it started, by its own metric. */
export async function pluginRuns(): Promise<number> {
  const counts = (await metrics()).matchAll(
    /^kubelet_credential_provider_plugin_duration_count\{.*\} (\d+)$/gm,
  );
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}
