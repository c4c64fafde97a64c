import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { cgroupFolders } from "./enclosure.ts";

/** What a node could leave behind on the machine. Others may use the machine meanwhile. */
export interface MachineState {
  /** Network, mount, PID, IPC and UTS namespaces that some process is in. */
  readonly namespaces: readonly string[];
  /** Processes of the programs that a node is made of. */
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
  readonly folders: readonly string[];
  readonly kernelSettings: readonly string[];
}

const nodePrograms = /^(containerd|containerd-shim.*|docker-registry|etcd|kube-.*|kubelet|runc|wait)$/;
const nodeFolders = [
  "/run/acr-test",
  "/run/containerd",
  "/var/lib/containerd",
  "/var/lib/kubelet",
  "/var/log/pods",
  "/etc/cni",
];
const kernelSettings = ["vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops"];

export function machineState(): MachineState {
  // A killed process is a zombie until init has taken note of it.
  const alive = (pid: string) => !/\) Z /.test(tryRead(() => readFileSync(`/proc/${pid}/stat`, "utf8")));
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && alive(name));
  const links = (pid: string) =>
    ["net", "mnt", "pid", "ipc", "uts"].map((kind) => tryRead(() => readlinkSync(`/proc/${pid}/ns/${kind}`)));
  const programs = processes.map(
    (pid) => [pid, tryRead(() => readFileSync(`/proc/${pid}/comm`, "utf8")).trim()] as const,
  );
  return {
    namespaces: unique(processes.flatMap(links)),
    processes: programs.filter(([, name]) => nodePrograms.test(name)).map(([pid, name]) => `${name} ${pid}`),
    mounts: readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[4] ?? ""),
    cgroups: cgroupFolders("").flatMap((folder) =>
      readdirSync(folder).filter((name) => name.startsWith("acr-test-")),
    ),
    folders: nodeFolders.filter((folder) => existsSync(folder)),
    kernelSettings: kernelSettings.map(
      (name) => `${name} ${tryRead(() => readFileSync(`/proc/sys/${name}`, "utf8")).trim()}`,
    ),
  };
}

/** What there is now and was not before, or the other way round. */
export function changesSince(before: MachineState): string[] {
  const now = machineState();
  return Object.entries(now).flatMap(([kind, entries]) => {
    const earlier: readonly string[] = before[kind as keyof MachineState];
    const more = entries.filter((entry: string) => !earlier.includes(entry));
    // Namespaces that others have left meanwhile are none of ours.
    const fewer = kind === "namespaces" ? [] : earlier.filter((entry) => !entries.includes(entry));
    return [
      ...more.map((entry: string) => `${kind}: now ${entry}`),
      ...fewer.map((entry) => `${kind}: was ${entry}`),
    ];
  });
}

/** A process may be gone by the time it is looked at. */
function tryRead(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

const unique = (texts: string[]) => [...new Set(texts)].filter((text) => text !== "").toSorted();
