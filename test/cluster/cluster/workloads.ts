import { readdirSync, rmSync } from "node:fs";
import { manifests } from "../../kubelet/node/kubelet.ts";
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

/** A pod as the kubelet sees it. */
export interface PodSeen {
  readonly name: string;
  readonly uid: string;
  /** `running`, or why the container waits: `ErrImagePull`, `ImagePullBackOff` …; empty before it has a state. */
  readonly container: string;
  /** What the kubelet says to that. */
  readonly message: string;
  readonly restarts: number;
  /** containerd's ID of the container. */
  readonly containerId: string;
}

/** Makes and removes what runs in the cluster. */
export interface Workloads {
  /** An account of the namespace `apps`, or `NAMESPACE/NAME`; one that is there already is made anew. */
  serviceAccount(name: string, annotations?: Readonly<Record<string, string>>): Promise<void>;
  pod(wanted: PodWanted): Promise<void>;
  /** A Deployment of so many pods `NAME-…`. */
  deployment(wanted: PodWanted & { readonly replicas: number }): Promise<void>;
  /** Waits until all pods whose name begins so run, and there are as many. */
  running(name: string, count?: number): Promise<readonly PodSeen[]>;
  /** Waits until the pod's container runs again after so many restarts. */
  restarted(name: string, restarts: number): Promise<PodSeen>;
  /** Waits until the pod's image could not be pulled; what the kubelet says to that. */
  failedPull(name: string): Promise<string>;
  /** Messages of the pod's events with this reason, such as `Failed`. */
  events(pod: string, reason: string, namespace?: string): Promise<readonly string[]>;
  /** Removes every pod, static ones too, and waits until the kubelet has none. */
  removeAll(): Promise<void>;
}

/** @param log of the kubelet, to show when something does not come. */
export function workloadsOf(api: Api, log: () => string): Workloads {
  const wait = { seconds: 90, log };
  return {
    async serviceAccount(account, annotations = {}) {
      const [name = "", namespace = "apps"] = account.split("/").toReversed();
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      await api.request("DELETE", `${path}/${name}`).catch(() => {});
      const metadata = { name, namespace, annotations };
      await api.request("POST", path, { apiVersion: "v1", kind: "ServiceAccount", metadata });
    },
    async pod(wanted) {
      const path = `/api/v1/namespaces/${wanted.namespace ?? "apps"}/pods`;
      await api.request("POST", path, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: wanted.name },
        spec: podSpec(wanted),
      });
    },
    async deployment(wanted) {
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
    },
    running: (name, count = 1) =>
      waitFor(
        `${count} running ${name}`,
        async () => {
          const found = await podsSeen(name);
          return found.length === count && found.every(({ container }) => container === "running") && found;
        },
        wait,
      ),
    restarted: (name, restarts) =>
      waitFor(
        `restart ${restarts} of ${name}`,
        async () => {
          const [pod] = await podsSeen(name);
          return pod?.container === "running" && pod.restarts === restarts && pod;
        },
        wait,
      ),
    failedPull: (name) =>
      waitFor(
        `failed pull of ${name}`,
        async () => {
          const [pod] = await podsSeen(name);
          return /ErrImagePull|ImagePullBackOff/.test(pod?.container ?? "") && (pod?.message ?? "");
        },
        wait,
      ),
    async events(pod, reason, namespace = "apps") {
      const { items } = await api.request<EventList>(
        "GET",
        `/api/v1/namespaces/${namespace}/events?fieldSelector=reason=${reason},involvedObject.name=${pod}`,
      );
      return items.map(({ message }) => message);
    },
    removeAll: () => removeAll(api, wait),
  };
}

/** The node's network, because there is no other; the default account's token is not mounted. */
const podSpec = ({ image, serviceAccount = "default", pullPolicy = "Always" }: PodWanted) => ({
  hostNetwork: true,
  terminationGracePeriodSeconds: 1,
  automountServiceAccountToken: false,
  serviceAccountName: serviceAccount,
  containers: [{ name: "app", image, imagePullPolicy: pullPolicy }],
});

async function removeAll(api: Api, wait: { seconds: number; log: () => string }): Promise<void> {
  for (const name of readdirSync(manifests)) rmSync(`${manifests}/${name}`);
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
    wait,
  );
}

/** The pods that the kubelet has whose name begins so, static pods too, also while the API server is away. */
export async function podsSeen(name: string): Promise<readonly PodSeen[]> {
  const response = await fetch("http://127.0.0.1:10255/pods");
  const { items } = (await response.json()) as PodList;
  const wanted = (items ?? []).filter(({ metadata }) => metadata.name.startsWith(name));
  return wanted.map(({ metadata, status }) => {
    const container = status?.containerStatuses?.[0];
    const { waiting, running } = container?.state ?? {};
    return {
      name: metadata.name,
      uid: metadata.uid ?? "",
      container: running ? "running" : (waiting?.reason ?? ""),
      message: waiting?.message ?? "",
      restarts: container?.restartCount ?? 0,
      containerId: container?.containerID?.replace("containerd://", "") ?? "",
    };
  });
}

interface ObjectList {
  readonly items: readonly KubernetesObject[];
}

interface EventList {
  readonly items: readonly { readonly message: string }[];
}

interface PodList {
  /** null where there is none. */
  readonly items: readonly PodItem[] | null;
}

interface PodItem extends KubernetesObject {
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly containerID?: string;
      readonly state: {
        readonly running?: object;
        readonly waiting?: { readonly reason?: string; readonly message?: string };
      };
    }[];
  };
}
