import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { executable, runtime } from "../support/executable.ts";

/** Where things are on a node. k3s and RKE2 have fixed places. */
const pluginConfig = "/etc/aliyun-acr-credential-provider/config.yaml";
const kubeadm = {
  config: "/etc/kubernetes/credential-provider.yaml",
  binDir: "/usr/local/lib/credential-providers",
};
const rancher = {
  config: "/var/lib/rancher/credentialprovider/config.yaml",
  binDir: "/var/lib/rancher/credentialprovider/bin",
};

const files = [
  ...namesIn(""),
  ...["docs", "node-config", "scripts"].flatMap((folder) =>
    namesIn(folder).map((name) => `${folder}/${name}`),
  ),
].filter((file) => statSync(`${root}${file}`).isFile() && /\.(md|env|ya?ml|json|ts)$/.test(file));

function namesIn(folder: string): string[] {
  return readdirSync(`${root}${folder}`, { recursive: folder !== "", encoding: "utf8" });
}

describe("where the two config files are on a node", () => {
  // A profile is another file.
  const configFile =
    /\/(?:etc|opt|usr|var)\/[\w./-]*credential-?provider[\w./-]*(?<!\/profiles)\.(?:ya?ml|json)\b/g;

  test.each(files)("%s says it as the others do", (file) => {
    const said = readFileSync(`${root}${file}`, "utf8").match(configFile) ?? [];
    expect([pluginConfig, kubeadm.config, rancher.config]).toEqual(expect.arrayContaining(said));
  });

  test("README has all places, and node-config/kubelet.env those of kubeadm", () => {
    const readme = readFileSync(`${root}README.md`, "utf8");
    for (const place of [pluginConfig, ...Object.values(kubeadm), ...Object.values(rancher)]) {
      expect(readme).toContain(place);
    }
    const env = readFileSync(`${root}node-config/kubelet.env`, "utf8");
    expect(env).toContain(`--image-credential-provider-bin-dir=${kubeadm.binDir} `);
    expect(env).toContain(`--image-credential-provider-config=${kubeadm.config}"`);
  });
});

const saidSizes: Readonly<Record<typeof runtime, [file: string, words: RegExp][]>> = {
  bun: [
    ["README.md", /about (\d+) MB of\s+each\s+node's\s+disk/],
    ["README.md", /\| size of the file \| (\d+) MB \|/],
    ["README.zh-CN.md", /约占 (\d+) MB 磁盘空间/],
  ],
  node: [
    ["README.md", /\| size of the file \| \d+ MB \| (\d+) MB \|/],
    ["README.zh-CN.md", /\| 文件大小 \| \d+ MB \| (\d+) MB \|/],
  ],
};

test.each(saidSizes[runtime])("%s says how much of a node's disk the executable takes: %s", (file, words) => {
  const [, said = "0"] = words.exec(readFileSync(`${root}${file}`, "utf8")) ?? [];
  expect(Math.abs(Number(said) - statSync(executable).size / 1e6)).toBeLessThan(2);
});
