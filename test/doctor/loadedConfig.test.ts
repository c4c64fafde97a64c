import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { root } from "../../scripts/project.ts";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { credentialProviderConfig, kubeletFlags, provider, withKubelet } from "./support/nodes.ts";
import {
  credentialConfig,
  type DoctorNode,
  doctorOn,
  impossible,
  type KubeletProcess,
  removePrepared,
} from "./support/simulatedKubelet.ts";

const config = credentialProviderConfig(provider());
const certificates = "/etc/kubernetes/pki";

/** As the kubelet computes it: the length of each file in 8 bytes, and the file. */
function hashOf(text: string): string {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(Buffer.byteLength(text)));
  return `sha256:${createHash("sha256").update(length).update(text).digest("hex")}`;
}

function metrics(hash: string | undefined): string {
  const info = `kubelet_credential_provider_config_info{hash="${hash}"} 1`;
  return ["# TYPE x gauge", ...(hash === undefined ? [] : [info]), "kubelet_running_pods 1", ""].join("\n");
}

const edited = { after: `sleep 1.2; echo '# edited' >> ${credentialConfig}` };
const kubelet = (more: Partial<KubeletProcess>, different: DoctorNode = {}) =>
  withKubelet(
    { argv: ["kubelet", "--read-only-port=10255", ...kubeletFlags], readOnlyPort: 10255, ...more },
    { files: { [credentialConfig]: config }, online: true, ...different },
  );

function loaded(node: DoctorNode) {
  const { report } = doctorOn(node);
  return report.checks.find(({ group, id }) => group === "kubelet" && id === "loaded");
}

describe.skipIf(impossible !== undefined)(
  `doctor compares with what the kubelet has read ${impossible ?? ""}`,
  () => {
    let cloud: Cloud;
    let certificate: ReturnType<Cloud["issueCertificate"]>;
    beforeAll(async () => {
      cloud = await startCloud();
      certificate = cloud.issueCertificate(["localhost"]);
    });
    afterAll(async () => {
      await cloud.stop();
      removePrepared();
    });

    test("the same content, by the read-only port", () => {
      const check = loaded(kubelet({ metrics: metrics(hashOf(config)) }));
      expect(check).toMatchObject({
        status: "ok",
        found: expect.stringContaining("http://127.0.0.1:10255/metrics"),
      });
    });

    test("the read-only port of the kubelet's own config", () => {
      const argv = ["kubelet", "--config=/var/kubelet.yaml", ...kubeletFlags];
      const files = { [credentialConfig]: config, "/var/kubelet.yaml": "readOnlyPort: 10255\n" };
      const check = loaded(kubelet({ argv, metrics: metrics(hashOf(config)) }, { files }));
      expect(check).toMatchObject({ status: "ok", found: expect.stringContaining("this very content") });
    });

    test("a file that was touched only", () => {
      const after = `sleep 1.2; touch ${credentialConfig}`;
      const check = loaded(
        kubelet({ metrics: metrics(hashOf(config)) }, { files: { [credentialConfig]: config }, after }),
      );
      expect(check).toMatchObject({ status: "ok" });
    });

    test("a file that was edited after the start", () => {
      const node = kubelet(
        { metrics: metrics(hashOf(config)) },
        { files: { [credentialConfig]: config }, ...edited },
      );
      expect(loaded(node)).toMatchObject({
        status: "failed",
        found: expect.stringMatching(/runs with another content .*changed 1 s after the kubelet's start/),
        remedy: "systemctl restart kubelet",
      });
    });

    test("a kubelet that has read no config at all", () => {
      expect(loaded(kubelet({ metrics: metrics(undefined) }))).toMatchObject({
        status: "failed",
        found: expect.stringContaining("has read no such config"),
        remedy: "systemctl restart kubelet",
      });
    });

    test.each([
      ["nothing answers", kubelet({ argv: ["kubelet", ...kubeletFlags] }, edited), "ECONNREFUSED"],
      ["it is not to be asked", kubelet({}, { ...edited, online: false }), "--offline"],
      ["the release does not tell", kubelet({ version: "Kubernetes v1.33.1" }, edited), "1.34 and later do"],
    ] as const)("where %s, the times of the files are compared", (_, node, why) => {
      const files = { [credentialConfig]: config };
      expect(loaded({ ...node, files: { ...node.files, ...files } })).toMatchObject({
        status: "warning",
        found: expect.stringContaining(why),
        remedy: "systemctl restart kubelet",
      });
      expect(loaded({ ...node, after: "", files: { ...node.files, ...files } })).toMatchObject({
        status: "ok",
      });
    });

    /** A node where the kubelet's own port is served, and no other one. */
    const withOwnPort = (files: Record<string, string>, after = ""): DoctorNode => {
      const server = `${root}test/doctor/support/kubeletPort.mjs`;
      return kubelet(
        { argv: ["kubelet", ...kubeletFlags] },
        {
          files: {
            [credentialConfig]: config,
            "/run/server.pem": `${certificate.cert}${certificate.key}`,
            "/run/metrics": metrics(hashOf(config)),
            ...files,
          },
          after: [
            `${Bun.which("node")} ${server} /run/server.pem /run/metrics &`,
            "for _ in $(seq 300); do if echo 2>/dev/null > /dev/tcp/127.0.0.1/10250; then break; fi; sleep 0.02; done",
            after,
          ].join("\n"),
        },
      );
    };

    test("by the kubelet's own port, with the API server's certificate of a control plane", () => {
      const files = {
        [`${certificates}/apiserver-kubelet-client.crt`]: certificate.cert,
        [`${certificates}/apiserver-kubelet-client.key`]: certificate.key,
      };
      expect(loaded(withOwnPort(files))).toMatchObject({
        status: "ok",
        found: expect.stringContaining("this very content (https://127.0.0.1:10250/metrics)"),
      });
    });

    test("without such a certificate it is not known, and the times are compared", () => {
      expect(loaded(withOwnPort({}, edited.after))).toMatchObject({
        status: "warning",
        found: expect.stringContaining(
          "answers 401 (no client certificate of the API server is on this node)",
        ),
      });
    });
  },
);
