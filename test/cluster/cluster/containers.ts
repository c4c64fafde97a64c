import { readdirSync, readFileSync } from "node:fs";
import { run } from "../../kubelet/node/inside.ts";
import type { PodSeen } from "./workloads.ts";

/** Kills the process of a pod's container, as a crash of its program does. */
export function crash({ containerId }: PodSeen): void {
  const tasks = run("ctr", "--namespace", "k8s.io", "tasks", "list");
  const pid = new RegExp(`^${containerId}\\s+(\\d+)`, "m").exec(tasks)?.[1];
  if (pid === undefined) throw new Error(`no container ${containerId} in:\n${tasks}`);
  process.kill(Number(pid), "SIGKILL");
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
