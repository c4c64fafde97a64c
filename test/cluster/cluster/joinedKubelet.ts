import {
  kubeletConfiguration,
  kubeletServes,
  logOfEnding,
  type PluginFlags,
  startKubeletProcess,
} from "../../kubelet/node/kubelet.ts";
import { type Service, waitFor } from "../../kubelet/node/service.ts";
import { release } from "../setup/programs.ts";
import { nodeAddress, nodeName } from "./controlPlane.ts";

export interface JoinedKubeletOptions extends PluginFlags {
  readonly cgroup: string;
  readonly kubeconfig: string;
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
    return kubeletServes();
  };
  await waitFor("kubelet", serves, { seconds: 120, log: () => kubelet.log() });
  return kubelet;
}

/** Starts a kubelet that should end by itself, and returns all that it logged by then. */
export const logOfEndingJoinedKubelet = (options: JoinedKubeletOptions): Promise<string> =>
  logOfEnding(startProcess("kubelet-ends", options));

function startProcess(name: string, options: JoinedKubeletOptions): Service {
  const configuration = joinedConfiguration(options.cgroup, options.configuration);
  return startKubeletProcess(name, release, configuration, options, joinedFlags(options.kubeconfig));
}

/** The KubeletConfiguration of every kubelet that joins. */
export const joinedConfiguration = (cgroup: string, different: object = {}) => ({
  ...kubeletConfiguration(cgroup),
  // Many pods at once are to be many pulls at once.
  serializeImagePulls: false,
  registryPullQPS: 0,
  syncFrequency: "10s",
  // What the tests wait for is to come soon: the node's status, and a container that has crashed more than once.
  nodeStatusUpdateFrequency: "1s",
  crashLoopBackOff: { maxContainerRestartPeriod: "1s" },
  ...different,
});

export const joinedFlags = (kubeconfig: string): readonly string[] => [
  `--kubeconfig=${kubeconfig}`,
  `--hostname-override=${nodeName}`,
  `--node-ip=${nodeAddress}`,
];
