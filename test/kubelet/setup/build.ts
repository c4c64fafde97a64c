import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { root } from "../../../scripts/project.ts";
import {
  clientOf,
  clientSources,
  goSources,
  harnessOf,
  kubeadm,
  kubeadmSources,
  kubeletOf,
  officialClients,
  podProgram,
  releasedHelper,
} from "./paths.ts";
import { type Release, releases } from "./releases.ts";

/** A program that Go builds out of pinned modules. */
export interface GoProgram {
  readonly output: string;
  /** A folder of the one below that starts with a dot, or a package that the module requires. */
  readonly sources: string;
  readonly ldflags: string;
  /** Where its go.mod is, and what that is called there; the `.sum` stands beside it. */
  readonly folder: string;
  readonly modfile: string;
}

const ofRelease = ({ version }: Release) => ({ folder: goSources, modfile: `releases/v${version}.mod` });

/** The kubelet's plugin code, driven from outside. */
export const buildHarness = (release: Release) =>
  build({ output: harnessOf(release), sources: ".", ...ofRelease(release), ldflags: "-s -w" });

/** The kubelet itself. */
export const buildKubelet = (release: Release) =>
  build({
    output: kubeletOf(release),
    sources: "k8s.io/kubernetes/cmd/kubelet",
    ...ofRelease(release),
    ldflags: kubernetesFlags(release),
  });

/** kubeadm of the newest release, by a module that pins it and has no code of its own. */
export const buildKubeadm = () =>
  build({
    output: kubeadm,
    sources: "k8s.io/kubernetes/cmd/kubeadm",
    folder: kubeadmSources,
    modfile: "go.mod",
    ldflags: kubernetesFlags({ version: "1.37.0" }),
  });

/** Without its version a program of Kubernetes would call itself v0.0.0-master. */
export const kubernetesFlags = ({ version }: Pick<Release, "version">) =>
  `-s -w -X k8s.io/component-base/version.gitVersion=v${version}`;

export const buildPodProgram = () =>
  build({ output: podProgram, sources: "./pod", ...ofRelease(releases[0] as Release), ldflags: "-s -w" });

/** The clients that Alibaba Cloud and others wrote, each with the modules of its own go.mod. */
export async function buildOfficialClients(): Promise<void> {
  const own = (name: string) => ({
    folder: `${root}test/officialClients/${name}`,
    modfile: "go.mod",
    ldflags: "-s -w",
  });
  await build({ output: officialClients, sources: ".", ...own("go") });
  const command = "github.com/mozillazg/docker-credential-acr-helper/cmd/docker-credential-acr-helper";
  await build({ output: releasedHelper, sources: command, ...own("helper") });
}

/** The clients of registries that Debian does not have, by the command's name. */
const registryClients = {
  crane: "github.com/google/go-containerregistry/cmd/crane",
  helm: "helm.sh/helm/v3/cmd/helm",
  oras: "oras.land/oras/cmd/oras",
} as const;

export async function buildRegistryClients(): Promise<void> {
  const modules = { folder: clientSources, modfile: "go.mod", ldflags: "-s -w" };
  for (const [name, sources] of Object.entries(registryClients)) {
    await build({ output: clientOf(name), sources, ...modules });
  }
}

/** Builds with Go unless the output was built from just these sources. */
export async function build(program: GoProgram): Promise<void> {
  const stamp = stampOf(program);
  const stampFile = `${program.output}.stamp`;
  if (existsSync(program.output) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp)
    return;

  console.log(`building ${program.output.split("/").slice(-2).join("/")} with Go`);
  const started = Date.now();
  mkdirSync(dirname(program.output), { recursive: true });
  const go = Bun.spawn(
    [
      ..."go build -trimpath -buildvcs=false -mod=readonly".split(" "),
      `-modfile=${program.modfile}`,
      `-ldflags=${program.ldflags}`,
      `-o=${program.output}`,
      program.sources,
    ],
    {
      cwd: program.folder,
      env: { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local" },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  if ((await go.exited) !== 0) throw new Error(`go build ${program.sources} failed (above)`);
  writeFileSync(stampFile, stamp);
  console.log(`  in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** Everything that decides what is built: the sources, the requirements, the flags and Go's version. */
function stampOf({ sources, ldflags, folder, modfile }: GoProgram): string {
  const own = sources.startsWith(".") ? `${folder}/${sources}` : undefined;
  const files = [
    ...["mod", "sum"].map((kind) => `${folder}/${modfile.replace(/mod$/, kind)}`),
    ...(own
      ? readdirSync(own)
          .filter((name) => /\.(go|s)$/.test(name))
          .map((name) => `${own}/${name}`)
      : []),
  ];
  const hash = createHash("sha256").update([sources, ldflags, goVersion()].join("\n"));
  for (const file of files.sort()) hash.update(readFileSync(file));
  return hash.digest("hex");
}

const goVersion = () => Bun.spawnSync(["go", "version"]).stdout.toString();
