import { mkdirSync, writeFileSync } from "node:fs";
import { state } from "../../kubelet/node/inside.ts";
import { kubeletConfiguration, manifests } from "../../kubelet/node/kubelet.ts";
import { type Service, startService, waitFor } from "../../kubelet/node/service.ts";
import { kubeletOf } from "../../kubelet/setup/paths.ts";
import { release } from "../setup/programs.ts";
import { nodeAddress, nodeName } from "./controlPlane.ts";

export interface JoinedKubeletOptions {
  readonly cgroup: string;
  readonly kubeconfig: string;
  /** A file, or a directory of files. */
  readonly credentialProviderConfig: string;
  readonly credentialProviderBinDir: string;
  /** Laid over the KubeletConfiguration. */
  readonly configuration?: object;
}

/**
 * Starts the kubelet as a node of the cluster; it runs static pods too. As systemd does, it starts the kubelet again
 * that has ended: a container runtime that has just started may answer "server is not initialized yet".
 */
export async function startJoinedKubelet(options: JoinedKubeletOptions): Promise<Service> {
  let kubelet = startProcess("kubelet", options);
  const serves = async () => {
    if (!kubelet.running()) kubelet = startProcess("kubelet", options);
    const response = await fetch("http://127.0.0.1:10255/pods").catch(() => undefined);
    return response?.ok ?? false;
  };
  await waitFor("kubelet", serves, { seconds: 120, log: () => kubelet.log() });
  return kubelet;
}

/** Starts a kubelet that should end by itself, and returns all that it logged by then. */
export async function logOfEndingJoinedKubelet(options: JoinedKubeletOptions): Promise<string> {
  const kubelet = startProcess("kubelet-ends", options);
  await waitFor("end of the kubelet", () => !kubelet.running(), { log: kubelet.log });
  return kubelet.log();
}

function startProcess(name: string, options: JoinedKubeletOptions): Service {
  mkdirSync(manifests, { recursive: true });
  const config = `${state}/kubelet.json`;
  const content = {
    ...kubeletConfiguration(options.cgroup),
    // Many pods at once are to be many pulls at once.
    serializeImagePulls: false,
    registryPullQPS: 0,
    syncFrequency: "10s",
    // What the tests wait for is to come soon: the node's status, and a container that has crashed more than once.
    nodeStatusUpdateFrequency: "1s",
    crashLoopBackOff: { maxContainerRestartPeriod: "1s" },
    ...options.configuration,
  };
  writeFileSync(config, JSON.stringify(content));
  return startService(name, [
    kubeletOf(release),
    `--config=${config}`,
    `--kubeconfig=${options.kubeconfig}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${nodeAddress}`,
    `--image-credential-provider-config=${options.credentialProviderConfig}`,
    `--image-credential-provider-bin-dir=${options.credentialProviderBinDir}`,
    "-v=5",
  ]);
}
