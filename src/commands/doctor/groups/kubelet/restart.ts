import { nameOf, processOf } from "../../../../kubelet/running/processes.ts";
import { k3sRole, type RunningKubelet } from "../../../../kubelet/running/runningKubelets.ts";

/** The command that restarts a kubelet; of one that does not run here, kubeadm's. */
export function restartOf(kubelet: RunningKubelet | undefined): string {
  switch (kubelet?.kind) {
    case "k3s":
      return `systemctl restart ${k3sRole(kubelet) === "agent" ? "k3s-agent" : "k3s"}`;
    case "rke2":
      return `systemctl restart --no-block ${isAgent(kubelet) ? "rke2-agent" : "rke2-server"}`;
    case "microk8s":
      return "snap restart microk8s.daemon-kubelite";
    default:
      return "systemctl restart kubelet";
  }
}

function isAgent({ parent }: RunningKubelet): boolean {
  const starter = processOf(parent);
  return starter !== undefined && / agent$/.test([nameOf(starter), ...starter.argv.slice(1)].join(" "));
}
