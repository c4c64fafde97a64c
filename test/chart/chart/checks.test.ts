import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parse, parseAllDocuments } from "yaml";
import { root } from "../../../scripts/project.ts";
import { apiReleases, chart, isEnabled, schemasOf, toolOf } from "../setup/paths.ts";
import { helmTemplate, ran } from "./helm.ts";

const image = ["--set", "image.repository=registry.example/tools/plugin"];
const config = ["--set", "config.apiVersion=aliyun-acr-credential-provider/v1,config.kind=ProviderConfig"];
const provider =
  'credentialProvider={"apiVersion":"credentialprovider.kubelet.k8s.io/v1","matchImages":["a.example"],"defaultCacheDuration":"0s"}';

const everyWay: readonly (readonly [string, readonly string[]])[] = [
  ["resting", image],
  ["installing", [...image, ...config, "--set", "mode=install", "--set-json", provider]],
  ["with a Secret", [...image, "--set", "mode=install,configSecret.name=acr,maxUnavailable=10%"]],
  ["uninstalling", [...image, "--set", "mode=uninstall,image.pullSecrets={one}"]],
  ["without the DaemonSet", ["--set", "daemonSet.enabled=false"]],
];

describe.skipIf(!isEnabled)("the chart", () => {
  test("helm lint has nothing to complain of", () => {
    expect(ran(toolOf("helm"), "lint", "--strict", chart, ...image)).toContain("0 chart(s) failed");
  });

  test("helm-unittest", () => {
    expect(ran(toolOf("helm-unittest"), chart)).toMatch(/^Charts: +1 passed, 1 total$/m);
  });

  test("is of the version of the executable", () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    const about = parse(readFileSync(`${chart}/Chart.yaml`, "utf8"));
    expect({ version: about.version, appVersion: about.appVersion }).toEqual({
      version,
      appVersion: version,
    });
  });

  test("every value has its rule in the schema", () => {
    const values = parse(readFileSync(`${chart}/values.yaml`, "utf8"));
    const { properties } = JSON.parse(readFileSync(`${chart}/values.schema.json`, "utf8"));
    expect(
      Object.keys(properties)
        .filter((name) => name !== "global")
        .sort(),
    ).toEqual(Object.keys(values).sort());
  });

  test("asks for the audience by the rule that docs/identity.md shows", () => {
    const documented = parseAllDocuments(
      /```yaml\n(apiVersion: rbac[\s\S]*?)```/.exec(readFileSync(`${root}docs/identity.md`, "utf8"))?.[1] ??
        "",
    ).map((document) => document.toJS());
    const rendered = rbacOf(helmTemplate("--set", "daemonSet.enabled=false"));
    expect(rendered).toEqual(documented.map(withoutMetadata));
  });

  describe.each(apiReleases)("by the API of Kubernetes %s", (version) => {
    test.each(everyWay)("%s", (_name, flags) => {
      const rendered = helmTemplate(...flags);
      const { exitCode, stdout } = conform(rendered, version);
      expect({ exitCode, said: stdout }).toEqual({ exitCode: 0, said: "" });
    });

    test("which finds what is wrong", () => {
      const wrong = helmTemplate(...image).replace("hostPID:", "hostPid:");
      const { exitCode, stdout } = conform(wrong, version);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: expect.stringContaining("hostPid") });
    });
  });
});

function conform(manifests: string, version: string): { exitCode: number; stdout: string } {
  const place = `${schemasOf(version)}/{{ .ResourceKind }}{{ .KindSuffix }}.json`;
  const { exitCode, stdout } = Bun.spawnSync([toolOf("kubeconform"), "-schema-location", place, "-"], {
    stdin: Buffer.from(manifests),
  });
  return { exitCode, stdout: stdout.toString() };
}

function rbacOf(manifests: string): unknown[] {
  const documents = parseAllDocuments(manifests).map((document) => document.toJS());
  return documents.filter((each) => each?.apiVersion?.startsWith("rbac.")).map(withoutMetadata);
}

function withoutMetadata({ metadata: _, ...rest }: Record<string, unknown>): unknown {
  const { roleRef } = rest as { roleRef?: Record<string, string> };
  return roleRef === undefined ? rest : { ...rest, roleRef: { ...roleRef, name: "" } };
}
