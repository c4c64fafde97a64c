import { readdirSync, readFileSync } from "node:fs";
import { run } from "../../kubelet/node/inside.ts";
import type { PodSeen } from "../../kubelet/node/pods.ts";

/** A container of containerd, by its ID. */
interface Task {
  readonly container: string;
  readonly pid: number;
  readonly running: boolean;
}

function tasks(): Task[] {
  const table = run("ctr", "--namespace", "k8s.io", "tasks", "list").matchAll(/^(\w+)\s+(\d+)\s+(\w+)/gm);
  return [...table].map(([, container = "", pid, status]) => ({
    container,
    pid: Number(pid),
    running: status === "RUNNING",
  }));
}

/** Kills the process of a pod's container, as a crash of its program does. */
export function crash({ name, containerId }: PodSeen): void {
  const task = tasks().find(({ container }) => container === containerId);
  if (task === undefined) throw new Error(`${name} has no container ${containerId}`);
  process.kill(task.pid, "SIGKILL");
}

/** The pod's container that runs, as the runtime sees it, if one does. The kubelet's own view needs the API server. */
export function runningContainer({ uid }: PodSeen): string | undefined {
  const labels = `labels."io.kubernetes.pod.uid"==${uid},labels."io.kubernetes.container.name"==app`;
  const ids = run("ctr", "--namespace", "k8s.io", "containers", "list", "--quiet", labels).split("\n");
  return tasks().find(({ container, running }) => running && ids.includes(container))?.container;
}

/** Ends all containers and their shims at once, as the loss of power does. Only those of these namespaces are visible. */
export function killContainers(): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (/^(containerd-shim.*|wait)$/.test(nameOf(pid))) process.kill(Number(pid), "SIGKILL");
  }
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
