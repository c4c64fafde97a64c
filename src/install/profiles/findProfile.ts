import { Failure } from "../../failure/failure.ts";
import type { KubeletKind } from "../../kubelet/running/runningKubelets.ts";
import { readUnit, type ServiceUnit } from "../../kubelet/running/systemdUnit.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import { kubeadmProfile } from "./kubeadm.ts";
import { MICROK8S_ARGS, microK8sProfile } from "./microk8s.ts";
import type { Profile, ProfileName } from "./profile.ts";
import { rancherProfile } from "./rancher.ts";

/** A kubelet of its own belongs to kubeadm's profile, whoever made its unit. */
const profileOfKind: Readonly<Record<KubeletKind, ProfileName>> = {
  kubelet: "kubeadm",
  k3s: "k3s",
  rke2: "rke2",
  microk8s: "microk8s",
};

/**
 * How this node runs its kubelet: as was asked for, else as it was installed, else by the kubelet that runs, else by the units that are there.
 * @throws Failure `NodeNotUnderstood` where that leads to none, or to several.
 */
export function findProfile(
  files: NodeFiles,
  {
    wanted,
    recorded,
  }: { readonly wanted: ProfileName | undefined; readonly recorded?: ProfileName | undefined },
  running: KubeletKind | undefined,
): Profile {
  if (wanted !== undefined) return required(files, wanted, "--profile");
  if (recorded !== undefined) return required(files, recorded, "as it was installed");
  if (running !== undefined) return required(files, profileOfKind[running], "the kubelet that runs here");
  const names = ["microk8s", "rke2", "k3s", "kubeadm"] as const;
  const found = names.flatMap((name) => profileFrom(files, name) ?? []);
  const [first, second] = found;
  if (first === undefined) {
    throw notUnderstood("neither a kubelet runs here nor is there a unit of kubeadm, k3s, RKE2 or MicroK8s");
  }
  if (second !== undefined) {
    throw notUnderstood(`${first.from} and ${second.from} are both here, and none of them runs`);
  }
  return first;
}

function required(files: NodeFiles, name: ProfileName, from: string): Profile {
  const profile = profileFrom(files, name);
  if (profile !== undefined) return { ...profile, from: `${from}, ${profile.from}` };
  throw notUnderstood(`${from} says ${name}, and there is no ${whatIsMissing[name]}`);
}

const whatIsMissing: Readonly<Record<ProfileName, string>> = {
  kubeadm: "unit kubelet.service",
  k3s: "unit k3s.service or k3s-agent.service",
  rke2: "unit rke2-server.service or rke2-agent.service",
  microk8s: MICROK8S_ARGS,
  files: "",
};

function profileFrom(files: NodeFiles, name: ProfileName): Profile | undefined {
  if (name === "files") return plainFiles;
  if (name === "microk8s") {
    return files.kindOf(MICROK8S_ARGS) === undefined ? undefined : microK8sProfile(MICROK8S_ARGS);
  }
  if (name === "kubeadm") {
    const unit = readUnit(files, "kubelet");
    return unit && kubeadmProfile(unit, from(unit));
  }
  const unit = rancherUnit(files, name);
  return unit && rancherProfile(files, name, unit, from(unit));
}

/** Of both units, which RKE2's packages bring along, the one that is enabled. */
function rancherUnit(files: NodeFiles, name: "k3s" | "rke2"): ServiceUnit | undefined {
  const names = name === "k3s" ? ["k3s", "k3s-agent"] : ["rke2-server", "rke2-agent"];
  const units = names.flatMap((each) => readUnit(files, each) ?? []);
  const isEnabled = (unit: ServiceUnit) =>
    files.kindOf(`/etc/systemd/system/multi-user.target.wants/${unit.name}.service`) !== undefined;
  return units.find(isEnabled) ?? units[0];
}

function from({ files: [path = ""] }: ServiceUnit): string {
  return path;
}

/** Files only: someone else sets the flags and restarts the kubelet. */
const plainFiles: Profile = {
  name: "files",
  from: "no service is touched",
  defaults: {
    config: "/etc/kubernetes/credential-provider.yaml",
    binDir: "/usr/local/lib/credential-providers",
  },
  flags: async () => ({}),
  addFlags: () => {
    throw notUnderstood("no flags are set with --profile files");
  },
};

function notUnderstood(cause: string): Failure {
  return new Failure(`find out how this node runs its kubelet: ${cause}`, {
    code: "NodeNotUnderstood",
    remedy:
      "name it by --profile kubeadm, k3s, rke2 or microk8s; --profile files writes the files and touches no service",
  });
}
