import { kubeletApi } from "./kubelet.ts";
import { waitFor } from "./service.ts";

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

/** Waits for what becomes of pods whose name begins so. */
export interface PodWatch {
  /** Waits until all of them run, and there are as many. */
  running(name: string, count?: number): Promise<readonly PodSeen[]>;
  /** Waits until the pod's container, which ran as seen before, has been started again and runs. */
  restarted(before: PodSeen): Promise<PodSeen>;
  /** Waits until the pod's image could not be pulled; what the kubelet says to that. */
  failedPull(name: string): Promise<string>;
}

/** @param log of the kubelet, to show when something does not come. */
export function podWatch(log: () => string): PodWatch {
  const wait = { seconds: 90, log };
  return {
    running: (name, count = 1) =>
      waitFor(
        `${count} running ${name}`,
        async () => {
          const found = await podsSeen(name);
          return found.length === count && found.every(({ container }) => container === "running") && found;
        },
        wait,
      ),
    restarted: ({ name, uid, restarts }) =>
      waitFor(
        `restart of ${name}`,
        async () => {
          const pod = (await podsSeen(name)).find((each) => each.uid === uid);
          return pod?.container === "running" && pod.restarts > restarts && pod;
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
  };
}

/** The pods that the kubelet has whose name begins so, static pods too, also while the API server is away. */
export async function podsSeen(name: string): Promise<readonly PodSeen[]> {
  const response = await fetch(`${kubeletApi}/pods`);
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

/** The static pod of this name on the whole node, if it is there. */
export const podState = async (name: string): Promise<PodSeen | undefined> =>
  (await podsSeen(name)).find((pod) => pod.name === `${name}-node`);

interface PodList {
  /** null where there is none. */
  readonly items: readonly PodItem[] | null;
}

interface PodItem {
  readonly metadata: { readonly name: string; readonly uid?: string };
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
