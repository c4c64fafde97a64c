import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import { nameOf, type Process, processes, processOf } from "./processes.ts";
import { filesOf, type ProcessFiles } from "./processFiles.ts";

/**
 * How a kubelet runs: a process of its own (kubeadm and others), RKE2's, or embedded in the process of k3s or MicroK8s.
 */
export type KubeletKind = "kubelet" | "rke2" | "k3s" | "microk8s";

export interface RunningKubelet extends Process {
  readonly kind: KubeletKind;
  readonly files: ProcessFiles;
  /** It has the network of this process. Another one's is another node, as kind has several on one machine. */
  readonly isOnThisNode: boolean;
}

/**
 * The kubelets that run on this machine, also those of nodes in containers; those with this process's own root first. Only root's processes and those of
 * this user count: anyone may call a process kubelet, and what it names is read and run.
 */
export function runningKubelets(): RunningKubelet[] {
  const trusted = [0, process.geteuid?.() ?? 0];
  const found = processes().flatMap((candidate) => {
    const kind = trusted.includes(candidate.uid) ? kindOf(candidate) : undefined;
    return kind === undefined
      ? []
      : [{ ...candidate, kind, files: filesOf(candidate.pid), isOnThisNode: sharesNetwork(candidate.pid) }];
  });
  return found.sort((one, other) => distance(one) - distance(other) || one.pid - other.pid);
}

/** Also where it may not be known. */
function sharesNetwork(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync("/proc/self/ns/net");
  } catch {
    return true;
  }
}

function distance({ files }: RunningKubelet): number {
  return ["same", "mounts", "root"].indexOf(files.view);
}

function kindOf(candidate: Process): KubeletKind | undefined {
  const { argv, exe = "" } = candidate;
  const name = nameOf(candidate);
  if (name === "kubelet" || (name === "hyperkube" && argv[1] === "kubelet")) {
    return isOfRke2(candidate) ? "rke2" : "kubelet";
  }
  if (name === "kubelite" || basename(exe) === "kubelite") return "microk8s";
  return k3sRole(candidate) === undefined ? undefined : "k3s";
}

function isOfRke2({ exe = "", argv, parent }: Process): boolean {
  if (exe.includes("/rke2/") || argv[0]?.includes("/rke2/")) return true;
  const starter = processOf(parent);
  return starter !== undefined && /^rke2(?: |$)/.test(nameOf(starter));
}

/** Whether a k3s process is a `server` or an `agent`. k3s overwrites its arguments with the title `k3s server`. */
export function k3sRole({ argv }: Process): "server" | "agent" | undefined {
  const [program = "", ...rest] = argv;
  const [path = "", ...title] = program.split(" ");
  if (basename(path) !== "k3s") return undefined;
  const role = [...title, ...rest].find((word) => !word.startsWith("-"));
  return role === "server" || role === "agent" ? role : undefined;
}
