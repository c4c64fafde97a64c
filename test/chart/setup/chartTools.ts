import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { build } from "../../kubelet/setup/build.ts";
import { schemasFrom } from "./apiSchemas.ts";
import { apiReleases, schemasOf, toolOf, toolSources } from "./paths.ts";

/** What the chart is checked by, by the command's name. */
const packages = {
  helm: "helm.sh/helm/v3/cmd/helm",
  "helm-unittest": "github.com/helm-unittest/helm-unittest/cmd/helm-unittest",
  kubeconform: "github.com/yannh/kubeconform/cmd/kubeconform",
} as const;

/** As helm's Makefile: without them it takes every cluster for Kubernetes 1.20. */
const helmPackage = "helm.sh/helm/v3/pkg/chartutil";
const flags = `-s -w -X ${helmPackage}.k8sVersionMajor=1 -X ${helmPackage}.k8sVersionMinor=37`;

/** Builds them, and takes the API's schemas out of Kubernetes's own module. @returns why that cannot be done here, if so. */
export async function chartTools(): Promise<string | undefined> {
  try {
    for (const [name, sources] of Object.entries(packages)) {
      const modules = { folder: toolSources, modfile: "go.mod", ldflags: flags };
      await build({ output: toolOf(name), sources, ...modules });
    }
    for (const version of apiReleases) writeSchemas(version);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function writeSchemas(version: string): void {
  const folder = schemasOf(version);
  if (existsSync(`${folder}/_definitions.json`)) return;
  const module = JSON.parse(go("mod", "download", "-json", `k8s.io/kubernetes@v${version}`));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of schemasFrom(`${module.Dir}/api/openapi-spec/swagger.json`)) {
    writeFileSync(`${folder}/${name}`, text);
  }
}

function go(...args: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["go", ...args], {
    cwd: toolSources,
    env: { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=mod" },
  });
  if (exitCode !== 0) throw new Error(`go ${args.join(" ")}: ${stderr.toString().trim()}`);
  return stdout.toString();
}
