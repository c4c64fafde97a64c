import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { parse, stringify } from "yaml";
import { root } from "../../../scripts/project.ts";
import { debNode, nodeTree } from "../../install/support/nodeTree.ts";
import { isEnabled } from "../setup/paths.ts";
import { helmTemplate } from "./helm.ts";

const folder = mkdtempSync(`${tmpdir()}/acr-chart-`);
afterAll(() => rmSync(folder, { recursive: true }));

const header = { apiVersion: "aliyun-acr-credential-provider/v1", kind: "ProviderConfig" };
const example = (name: string) => parse(readFileSync(`${root}node-config/examples/${name}`, "utf8"));
const configs: readonly (readonly [string, object])[] = [
  ["no config", {}],
  ["the node's role, for one instance and one region", example("node-role.yaml")],
  [
    "domains",
    {
      ...header,
      registries: [{ instanceId: "cri-a", domains: "images.example.com, ports.example.com:443" }],
    },
  ],
  ["discovery beside entries", { ...header, discovery: "always", registries: [{ regionId: "cn-beijing" }] }],
  ["annotations", { ...header, serviceAccountAnnotations: { enabled: true }, discovery: "never" }],
];

const repositories = [
  "plugin",
  "registry.cn-hangzhou.aliyuncs.com/tools/plugin",
  "registry.cn-beijing.aliyuncs.com/tools/plugin",
  "registry-internal.cn-beijing.aliyuncs.com/tools/plugin",
  "corp-registry.cn-hangzhou.cr.aliyuncs.com/plugin",
  "shared-registry-vpc.cn-beijing.cr.aliyuncs.com/plugin",
  "crpi-a1.cn-hangzhou.personal.cr.aliyuncs.com/plugin",
  "images.example.com/plugin",
  "images.example.com:443/plugin",
  "ports.example.com/plugin",
  "ports.example.com:443/plugin",
];

describe.skipIf(!isEnabled)("the registry of its own image: the chart says what node install says", () => {
  test.each(configs)("%s", async (_name, config) => {
    const tree = nodeTree(debNode);
    try {
      writeFileSync(`${folder}/config.yaml`, stringify(config));
      writeFileSync(`${folder}/values.yaml`, stringify({ mode: "install", config }));
      const flags = Object.keys(config).length === 0 ? [] : ["--config", `${folder}/config.yaml`];
      const verdicts = { chart: {} as Record<string, string>, install: {} as Record<string, string> };
      for (const repository of repositories) {
        verdicts.chart[repository] = ofChart(repository);
        const { stderr } = await tree.node(
          "install",
          "--dry-run",
          "--kubernetes=1.34",
          ...flags,
          `--from-image=${repository}:1`,
        );
        verdicts.install[repository] = /by its pattern ([^;\s(]*)/.exec(stderr)?.[1] ?? stderr;
      }
      expect(verdicts.chart).toEqual(verdicts.install);
    } finally {
      tree.remove();
    }
  });
});

/** The pattern that it refuses the image for; "" where it takes it. */
function ofChart(repository: string): string {
  const image = `image.repository=${repository}`;
  try {
    helmTemplate("--values", `${folder}/values.yaml`, "--set", image);
    return "";
  } catch (error) {
    return /by the pattern (\S*)\. Put/.exec((error as Error).message)?.[1] ?? (error as Error).message;
  }
}
