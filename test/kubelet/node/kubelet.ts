import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { kubeletOf } from "../setup/paths.ts";
import type { Release } from "../setup/releases.ts";
import { runtimeSocket } from "./containerd.ts";
import { state } from "./inside.ts";
import { type Service, startService, waitFor } from "./service.ts";

export const manifests = `${state}/manifests`;
/** Served only inside the namespaces. */
const api = "http://127.0.0.1:10255";

export interface KubeletOptions {
  readonly release: Release;
  readonly cgroup: string;
  readonly credentialProviderConfig: string;
  readonly credentialProviderBinDir: string;
}

/** Starts the kubelet without an API server: it runs the static pods of a folder. */
export async function startKubelet(options: KubeletOptions): Promise<Service> {
  const kubelet = startProcess(`kubelet-${options.release.version}`, options);
  await waitFor("kubelet", async () => (await get("/pods")) !== undefined, { log: kubelet.log });
  return kubelet;
}

/** Starts a kubelet that should end by itself, and returns all that it logged by then. */
export async function logOfEndingKubelet(options: KubeletOptions): Promise<string> {
  const kubelet = startProcess(`kubelet-${options.release.version}-ends`, options);
  await waitFor("end of the kubelet", () => !kubelet.running(), { log: kubelet.log });
  return kubelet.log();
}

function startProcess(name: string, options: KubeletOptions): Service {
  mkdirSync(manifests, { recursive: true });
  const config = `${state}/kubelet.json`;
  writeFileSync(config, JSON.stringify(kubeletConfiguration(options.cgroup)));
  return startService(name, [
    kubeletOf(options.release),
    `--config=${config}`,
    "--hostname-override=node",
    `--image-credential-provider-config=${options.credentialProviderConfig}`,
    `--image-credential-provider-bin-dir=${options.credentialProviderBinDir}`,
    "-v=5",
  ]);
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

export interface PodState {
  readonly phase: string;
  /** `running`, or why the container waits: `ErrImagePull`, `ImagePullBackOff` … */
  readonly container: string;
  readonly message: string;
}

export async function podState(name: string): Promise<PodState | undefined> {
  const { items } = (await get("/pods")) ?? {};
  const status = items?.find(({ metadata }) => metadata.name === `${name}-node`)?.status;
  if (!status?.phase) return undefined;
  const { waiting, running } = status.containerStatuses?.[0]?.state ?? {};
  const container = running ? "running" : (waiting?.reason ?? "unknown");
  return { phase: status.phase, container, message: waiting?.message ?? "" };
}

/** The names of all series that the kubelet has at this moment. */
export async function metricNames(): Promise<readonly string[]> {
  const series = (await metrics()).matchAll(/^[a-z]\w*/gm);
  return [...new Set([...series].map(([name]) => name))];
}

const metrics = async () => (await fetch(`${api}/metrics`)).text();

/** How often the kubelet ran the plugin since it started, by its own metric. */
export async function pluginRuns(): Promise<number> {
  const counts = (await metrics()).matchAll(
    /^kubelet_credential_provider_plugin_duration_count\{.*\} (\d+)$/gm,
  );
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

interface PodList {
  readonly items?: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: {
      readonly phase?: string;
      readonly containerStatuses?: readonly {
        readonly state: {
          readonly running?: object;
          readonly waiting?: { readonly reason?: string; readonly message?: string };
        };
      }[];
    };
  }[];
}

async function get(path: string): Promise<PodList | undefined> {
  const response = await fetch(`${api}${path}`).catch(() => undefined);
  return response?.ok ? ((await response.json()) as PodList) : undefined;
}
