import { mkdirSync, writeFileSync } from "node:fs";
import type { Cloud } from "../../cloud/cloud.ts";
import { startContainerd } from "../../kubelet/node/containerd.ts";
import { removeCgroups } from "../../kubelet/node/enclosure.ts";
import { state } from "../../kubelet/node/inside.ts";
import { type Service, waitFor } from "../../kubelet/node/service.ts";
import { startContainerd2 } from "./containerd2.ts";
import { killContainers } from "./containers.ts";
import { type ControlPlane, nodeName } from "./controlPlane.ts";
import { logOfEndingJoinedKubelet, startJoinedKubelet } from "./joinedKubelet.ts";
import {
  binDir,
  clearPluginCache,
  installPlugin,
  loseRunFolder,
  type PluginSetup,
  removePluginConfig,
} from "./pluginInstallation.ts";
import { pauseImage } from "./surroundings.ts";

/** What a kubelet is started with. */
export interface NodeSetup extends PluginSetup {
  /** Laid over the KubeletConfiguration. */
  readonly configuration?: object;
  /** Instead of the plugin's own kubelet config: a file or directory. */
  readonly credentialProviderConfig?: string;
}

/** The node of the cluster: container runtime, kubelet, plugin. */
export interface WorkerNode {
  /** What the kubelets have logged so far. */
  kubeletLog(): string;
  /** How much that is, to read on from here later. */
  kubeletLogPosition(): number;
  kubeletLogSince(position: number): string;
  /** Sets up the node anew, with an empty cache of the plugin. */
  useNode(setup: NodeSetup): Promise<void>;
  stopKubelet(): Promise<void>;
  /** Stops the kubelet, and takes one that is started in another way and without the plugin for the node's, until the node is set up anew. */
  useKubelet(start: (cgroup: string, kubeconfig: string) => Service): Promise<void>;
  /** Starts the kubelet as it was set up last. */
  startKubelet(): Promise<void>;
  /** What a kubelet logs that does not start with this file or directory of CredentialProviderConfig. */
  logOfKubeletWith(credentialProviderConfig: string): Promise<string>;
  /** Stops kubelet and container runtime, and starts Debian's runtime (1.6) or the newer one, with this pause image. */
  useContainerd(version: "1.6" | "2", pause?: string): Promise<void>;
  /** Ends kubelet, runtime and all containers, empties the plugin's folder in /run, and starts runtime and kubelet. */
  reboot(): Promise<void>;
}

export interface WorkerNodeOptions {
  readonly cgroup: string;
  readonly cloud: Cloud;
  readonly controlPlane: ControlPlane;
}

const runtimes = { "1.6": startContainerd, "2": startContainerd2 };

/** A node is ready when its runtime has a network; that all pods use the node's own network is why no plugin is run. */
function writeNetwork(): void {
  const network = { cniVersion: "0.4.0", name: "unused", plugins: [{ type: "loopback" }] };
  mkdirSync(`${state}/cni`);
  writeFileSync(`${state}/cni/10-unused.conflist`, JSON.stringify(network));
}

/** Starts the container runtime; the kubelet starts when it has been said what with. */
export async function startWorkerNode({
  cgroup,
  cloud,
  controlPlane,
}: WorkerNodeOptions): Promise<WorkerNode> {
  writeNetwork();
  let version: keyof typeof runtimes = "2";
  let runtime = await runtimes[version](pauseImage, cloud.caFile);
  let kubelet: Service | undefined;
  let setup: NodeSetup | undefined;
  let printedConfig = "";

  const kubeletOptions = () => ({
    cgroup,
    kubeconfig: controlPlane.kubeletKubeconfig,
    credentialProviderConfig: setup?.credentialProviderConfig ?? printedConfig,
    credentialProviderBinDir: binDir,
    configuration: setup?.configuration ?? {},
  });
  async function startKubelet(): Promise<void> {
    kubelet = await startJoinedKubelet(kubeletOptions());
    await waitFor("ready node", () => isReady(controlPlane), { seconds: 120, log: kubelet.log });
  }
  async function startRuntime(pause: string): Promise<void> {
    runtime = await runtimes[version](pause, cloud.caFile);
  }
  async function stopNode(): Promise<void> {
    await kubelet?.stop();
    killContainers();
    await runtime.stop();
    // A kubelet that finds control groups of containers that its runtime does not know asks for each of them for seconds.
    await removeCgroups(`${cgroup}/kubepods`);
  }

  return {
    kubeletLog: () => kubelet?.log() ?? "",
    kubeletLogPosition: () => kubelet?.position() ?? 0,
    kubeletLogSince: (position) => kubelet?.logSince(position) ?? "",
    async useNode(wanted) {
      await kubelet?.stop();
      setup = wanted;
      printedConfig = installPlugin(cloud, wanted);
      clearPluginCache();
      await startKubelet();
    },
    stopKubelet: async () => kubelet?.stop(),
    async useKubelet(start) {
      await kubelet?.stop();
      removePluginConfig();
      const own = start(cgroup, controlPlane.kubeletKubeconfig);
      kubelet = own;
      await waitFor("ready node", () => isReady(controlPlane), { seconds: 120, log: own.log });
    },
    startKubelet,
    logOfKubeletWith: (credentialProviderConfig) =>
      logOfEndingJoinedKubelet({ ...kubeletOptions(), credentialProviderConfig }),
    async useContainerd(wanted, pause = pauseImage) {
      await stopNode();
      version = wanted;
      await startRuntime(pause);
    },
    async reboot() {
      await stopNode();
      loseRunFolder();
      await startRuntime(pauseImage);
      await startKubelet();
    },
  };
}

async function isReady({ api }: ControlPlane): Promise<boolean> {
  const node = await api
    .request<{ status: { conditions?: { type: string; status: string }[] } }>(
      "GET",
      `/api/v1/nodes/${nodeName}`,
    )
    .catch(() => undefined);
  return node?.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}
