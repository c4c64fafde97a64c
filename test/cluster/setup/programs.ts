import { readFileSync } from "node:fs";
import { root } from "../../../scripts/project.ts";
import { build, buildKubelet, buildPodProgram, kubernetesFlags } from "../../kubelet/setup/build.ts";
import { type Release, releases } from "../../kubelet/setup/releases.ts";

/** The release that the whole cluster is of: the newest one, whose kubelet is built for `test:kubelet` as well. */
export const release = releases.at(-1) as Release;

const builds = `${root}.cache/cluster`;
const kubernetesBuilds = `${builds}/v${release.version}`;
/** Where containerd 2 and its shim are, under the names that containerd looks for. */
export const containerdBuilds = `${builds}/containerd`;

/** The pinned modules: `go.mod` and `go.sum`. */
const modules = {
  kubernetes: `${root}test/cluster/programs/kubernetes`,
  containerd: `${root}test/cluster/programs/containerd`,
};

const kubernetesPrograms = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
] as const;

/** A program of the control plane, or kubectl. */
export const programOf = (name: (typeof kubernetesPrograms)[number] | "etcd"): string =>
  `${kubernetesBuilds}/${name}`;

/** Builds what a cluster is made of, as far as its sources have changed. */
export async function buildClusterPrograms(): Promise<void> {
  await buildPodProgram();
  for (const name of kubernetesPrograms) {
    await build({
      ...pinnedBy(modules.kubernetes),
      output: programOf(name),
      sources: `k8s.io/kubernetes/cmd/${name}`,
      ldflags: kubernetesFlags(release),
    });
  }
  await buildKubelet(release);
  await build({
    ...pinnedBy(modules.kubernetes),
    output: programOf("etcd"),
    sources: "./etcd",
    ldflags: "-s -w",
  });
  for (const name of ["containerd", "containerd-shim-runc-v2"]) {
    await build({
      ...pinnedBy(modules.containerd),
      output: `${containerdBuilds}/${name}`,
      sources: `github.com/containerd/containerd/v2/cmd/${name}`,
      ldflags: "-s -w",
    });
  }
}

const pinnedBy = (module: string) => ({ folder: module, modfile: "go.mod" });

/** Why Go cannot build a cluster here; the modules say which Go they need. */
export function goMissingForCluster(): string | undefined {
  const present = numbers(Bun.spawnSync(["go", "env", "GOVERSION"]).stdout.toString());
  for (const [name, module] of Object.entries(modules)) {
    const wanted = /^go (.*)$/m.exec(readFileSync(`${module}/go.mod`, "utf8"))?.[1] ?? "";
    if (Bun.semver.order(present, numbers(wanted)) < 0)
      return `Go ${present} is too old; ${name} needs ${wanted}`;
  }
  return undefined;
}

const numbers = (version: string) => /\d+(\.\d+)*/.exec(version)?.[0] ?? "0";
