import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseAllDocuments, stringify } from "yaml";
import { root } from "../../scripts/project.ts";
import { kubeadm as builtKubeadm } from "../kubelet/setup/paths.ts";

const file = `${root}node-config/kubeadm.yaml`;

interface KubeadmDocument {
  readonly apiVersion: string;
  readonly kind: string;
  readonly nodeRegistration: { readonly kubeletExtraArgs: readonly { name: string; value: string }[] };
}

const documents = parseAllDocuments(readFileSync(file, "utf8")).map((each) => {
  expect([...each.errors, ...each.warnings]).toEqual([]);
  return each.toJS() as KubeadmDocument;
});

/** kubeadm itself, which `npm run test:kubelet` builds. */
const kubeadm = process.env.ACR_TEST_KUBELET ? builtKubeadm : Bun.which("kubeadm");

describe("node-config/kubeadm.yaml", () => {
  test("is for init and join, in the API version of kubeadm 1.31 and later", () => {
    expect(documents.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
      "kubeadm.k8s.io/v1beta4 InitConfiguration",
      "kubeadm.k8s.io/v1beta4 JoinConfiguration",
    ]);
  });

  test("sets the flags of node-config/kubelet.env", () => {
    const [, line = ""] =
      /^KUBELET_EXTRA_ARGS="(.*)"$/m.exec(readFileSync(`${root}node-config/kubelet.env`, "utf8")) ?? [];
    for (const { nodeRegistration } of documents) {
      const flags = nodeRegistration.kubeletExtraArgs.map(({ name, value }) => `--${name}=${value}`);
      expect(flags.join(" ")).toBe(line);
    }
  });

  test.skipIf(kubeadm === null)("kubeadm takes both (skipped where none is in PATH or built)", () => {
    const folder = mkdtempSync(`${tmpdir()}/acr-kubeadm-`);
    try {
      for (const document of documents) {
        const one = `${folder}/${document.kind}.yaml`;
        expect(validated(one, document)).toEqual({ exitCode: 0, stderr: "" });
        const misspelt = { ...document, nodeRegistration: { kubeletExtraArg: [] } };
        expect(validated(one, misspelt).stderr).toContain("kubeletExtraArg");
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.skipIf(kubeadm === null)(
    "kubeadm init would write its flags (skipped where none is in PATH or built)",
    () => {
      const folder = mkdtempSync(`${tmpdir()}/acr-kubeadm-`);
      try {
        const [init] = documents;
        const { nodeRegistration } = init as KubeadmDocument;
        const own = { name: "node1", criSocket: "unix:///run/containerd/containerd.sock" };
        const here = {
          ...init,
          localAPIEndpoint: { advertiseAddress: "10.0.0.1" },
          nodeRegistration: { ...nodeRegistration, ...own },
        };
        const config = `${folder}/init.yaml`;
        validated(config, here);
        const command = [kubeadm ?? "", ..."init phase kubelet-start --dry-run --config".split(" "), config];
        const env = { ...process.env, KUBEADM_INIT_DRYRUN_DIR: folder };
        const { exitCode, stderr } = Bun.spawnSync(command, { env });
        expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
        const flags = nodeRegistration.kubeletExtraArgs.map(({ name, value }) => `--${name}=${value}`);
        expect(readFileSync(`${folder}/kubeadm-flags.env`, "utf8")).toContain(` ${flags.join(" ")}"`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  function validated(path: string, document: object) {
    // Without a version it would ask the internet for the newest one.
    const version = Bun.spawnSync([kubeadm ?? "", "version", "-o", "short"])
      .stdout.toString()
      .trim();
    const cluster = {
      ...document,
      kind: "ClusterConfiguration",
      kubernetesVersion: version,
      nodeRegistration: undefined,
      localAPIEndpoint: undefined,
    };
    const isInit = "kind" in document && document.kind === "InitConfiguration";
    writeFileSync(path, `${stringify(document)}${isInit ? `---\n${stringify(cluster)}` : ""}`);
    const { exitCode, stderr } = Bun.spawnSync([kubeadm ?? "", "config", "validate", "--config", path]);
    return { exitCode, stderr: stderr.toString() };
  }
});
