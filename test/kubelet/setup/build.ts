import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { goSources, harnessOf, kubeletOf, podProgram } from "./paths.ts";
import { type Release, releases } from "./releases.ts";

interface GoProgram {
  readonly output: string;
  readonly sources: string;
  readonly release: Release;
  readonly ldflags: string;
}

/** The kubelet's plugin code, driven from outside. */
export const buildHarness = (release: Release) =>
  build({ output: harnessOf(release), sources: ".", release, ldflags: "-s -w" });

/** The kubelet itself. Without its version it would call itself v0.0.0-master. */
export const buildKubelet = (release: Release) =>
  build({
    output: kubeletOf(release),
    sources: "k8s.io/kubernetes/cmd/kubelet",
    release,
    ldflags: `-s -w -X k8s.io/component-base/version.gitVersion=v${release.version}`,
  });

export const buildPodProgram = () =>
  build({ output: podProgram, sources: "./pod", release: releases[0] as Release, ldflags: "-s -w" });

/** Builds with Go unless the output was built from just these sources. */
async function build(program: GoProgram): Promise<void> {
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
      `-modfile=releases/v${program.release.version}.mod`,
      `-ldflags=${program.ldflags}`,
      `-o=${program.output}`,
      program.sources,
    ],
    {
      cwd: goSources,
      env: { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local" },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  if ((await go.exited) !== 0) throw new Error(`go build ${program.sources} failed (above)`);
  writeFileSync(stampFile, stamp);
  console.log(`  in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** Everything that decides what is built: the sources, the requirements, the flags and Go's version. */
function stampOf({ sources, release, ldflags }: GoProgram): string {
  const folder = sources.startsWith(".") ? `${goSources}/${sources}` : undefined;
  const files = [
    ...["mod", "sum"].map((kind) => `${goSources}/releases/v${release.version}.${kind}`),
    ...(folder
      ? readdirSync(folder)
          .filter((name) => /\.(go|s)$/.test(name))
          .map((name) => `${folder}/${name}`)
      : []),
  ];
  const hash = createHash("sha256").update([sources, ldflags, goVersion()].join("\n"));
  for (const file of files.sort()) hash.update(readFileSync(file));
  return hash.digest("hex");
}

const goVersion = () => Bun.spawnSync(["go", "version"]).stdout.toString();
