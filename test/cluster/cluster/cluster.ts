import { prepareNamespaces } from "../../kubelet/node/inside.ts";
import { waitFor } from "../../kubelet/node/service.ts";
import type { KubernetesObject } from "./api.ts";
import { allowAudience } from "./audience.ts";
import { type ControlPlane, nodeAddress, startControlPlane } from "./controlPlane.ts";
import { issuerFlags } from "./documents.ts";
import { hosts, type Surroundings, startSurroundings } from "./surroundings.ts";
import { startWorkerNode, type WorkerNode } from "./workerNode.ts";
import { namespaces, type Workloads, workloadsOf } from "./workloads.ts";

/** A cluster of one node, with the plugin on it, and the cloud around it. */
export interface Cluster extends Surroundings, WorkerNode {
  readonly controlPlane: ControlPlane;
  readonly workloads: Workloads;
}

let started: Promise<Cluster> | undefined;

/** The cluster of this process; the first caller starts it. All test files share it. */
export function sharedCluster(): Promise<Cluster> {
  started ??= startCluster();
  return started;
}

async function startCluster(): Promise<Cluster> {
  const { cgroup } = prepareNamespaces({ hosts, addresses: [nodeAddress], folders: ["/etc", "/usr/local"] });
  const surroundings = await startSurroundings();
  const controlPlane = await startControlPlane(issuerFlags);
  const node = await startWorkerNode({ cgroup, cloud: surroundings.cloud, controlPlane });
  await makeNamespaces(controlPlane);
  await allowAudience(controlPlane, true);
  const workloads = workloadsOf(controlPlane.api, node.kubeletLog);
  return { ...surroundings, ...node, controlPlane, workloads };
}

/** A pod can be made once its namespace has the account `default`. */
async function makeNamespaces({ api, kubectl }: ControlPlane): Promise<void> {
  for (const name of namespaces) kubectl(["create", "namespace", name]);
  await waitFor("default service accounts", async () => {
    const path = "/api/v1/serviceaccounts?fieldSelector=metadata.name=default";
    const { items } = await api.request<{ items: KubernetesObject[] }>("GET", path);
    return namespaces.every((name) => items.some(({ metadata }) => metadata.namespace === name));
  });
}
