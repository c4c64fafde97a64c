import { existsSync, readdirSync, rmSync } from "node:fs";
import { manifests } from "../../kubelet/node/kubelet.ts";
import { type PodWatch, podsSeen, podWatch } from "../../kubelet/node/pods.ts";
import { waitFor } from "../../kubelet/node/service.ts";
import type { Api, KubernetesObject } from "./api.ts";

/** Where the pods are. */
export const namespaces = ["apps", "other"];

export interface PodWanted {
  readonly name: string;
  readonly image: string;
  /** Default `apps`. */
  readonly namespace?: string;
  /** Default `default`. */
  readonly serviceAccount?: string;
  /** Default `Always`. */
  readonly pullPolicy?: "Always" | "IfNotPresent" | "Never";
}

/** Makes and removes what runs in the cluster. */
export interface Workloads extends PodWatch {
  /** An account of the namespace `apps`, or `NAMESPACE/NAME`; one that is there already is made anew. */
  serviceAccount(name: string, annotations?: Readonly<Record<string, string>>): Promise<void>;
  pod(wanted: PodWanted): Promise<void>;
  /** A Deployment of so many pods `NAME-…`. */
  deployment(wanted: PodWanted & { readonly replicas: number }): Promise<void>;
  /** Messages of the pod's events with this reason, such as `Failed`. */
  events(pod: string, reason: string, namespace?: string): Promise<readonly string[]>;
  /** Removes these pods of the namespace `apps`, and waits until the kubelet does not have them. */
  remove(names: readonly string[]): Promise<void>;
  /** Removes every pod, static ones too, and waits until the kubelet has none. */
  removeAll(): Promise<void>;
}

/** @param log of the kubelet, to show when something does not come. */
export function workloadsOf(api: Api, log: () => string): Workloads {
  return {
    ...podWatch(log),
    serviceAccount: (account, annotations) => makeServiceAccount(api, account, annotations),
    async pod(wanted) {
      const path = `/api/v1/namespaces/${wanted.namespace ?? "apps"}/pods`;
      await api.request("POST", path, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: wanted.name },
        spec: podSpec(wanted),
      });
    },
    deployment: (wanted) => makeDeployment(api, wanted),
    async events(pod, reason, namespace = "apps") {
      const { items } = await api.request<EventList>(
        "GET",
        `/api/v1/namespaces/${namespace}/events?fieldSelector=reason=${reason},involvedObject.name=${pod}`,
      );
      return items.map(({ message }) => message);
    },
    async remove(names) {
      for (const name of names)
        await api.request("DELETE", `/api/v1/namespaces/apps/pods/${name}?gracePeriodSeconds=0`);
      const gone = async () => (await podsSeen("")).every((pod) => !names.includes(pod.name));
      await waitFor(`end of ${names}`, gone, { log });
    },
    removeAll: () => removeAll(api, log),
  };
}

async function makeServiceAccount(
  api: Api,
  account: string,
  annotations: Readonly<Record<string, string>> = {},
): Promise<void> {
  const [name = "", namespace = "apps"] = account.split("/").toReversed();
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await api.request("DELETE", `${path}/${name}`).catch(() => {});
  const metadata = { name, namespace, annotations };
  await api.request("POST", path, { apiVersion: "v1", kind: "ServiceAccount", metadata });
}

async function makeDeployment(api: Api, wanted: PodWanted & { readonly replicas: number }): Promise<void> {
  const labels = { app: wanted.name };
  await api.request("POST", `/apis/apps/v1/namespaces/${wanted.namespace ?? "apps"}/deployments`, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: wanted.name },
    spec: {
      replicas: wanted.replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(wanted) },
    },
  });
}

/** The node's network, because there is no other; the default account's token is not mounted. */
const podSpec = ({ image, serviceAccount = "default", pullPolicy = "Always" }: PodWanted) => ({
  hostNetwork: true,
  terminationGracePeriodSeconds: 1,
  automountServiceAccountToken: false,
  serviceAccountName: serviceAccount,
  containers: [{ name: "app", image, imagePullPolicy: pullPolicy }],
});

async function removeAll(api: Api, log: () => string): Promise<void> {
  const names = existsSync(manifests) ? readdirSync(manifests) : [];
  for (const name of names) rmSync(`${manifests}/${name}`);
  for (const namespace of namespaces) {
    await api.request("DELETE", `/apis/apps/v1/namespaces/${namespace}/deployments`);
    await api.request("DELETE", `/api/v1/namespaces/${namespace}/pods?gracePeriodSeconds=0`);
  }
  await waitFor(
    "end of all pods",
    async () => {
      const { items } = await api.request<ObjectList>("GET", "/api/v1/pods");
      return items.length === 0 && (await podsSeen("")).length === 0;
    },
    { seconds: 90, log },
  );
}

interface ObjectList {
  readonly items: readonly KubernetesObject[];
}

interface EventList {
  readonly items: readonly { readonly message: string }[];
}
