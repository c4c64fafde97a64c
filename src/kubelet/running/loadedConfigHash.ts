import { Unreadable } from "../credentialProviderConfig/kubeletFiles.ts";
import type { KubeletSettings } from "./kubeletSettings.ts";
import type { RunningKubelet } from "./runningKubelets.ts";

const TIMEOUT_MS = 3000;
/** A kubelet's metrics are a few hundred KiB. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What the running kubelet says of the CredentialProviderConfig that it has read, or why it says nothing. */
export type LoadedHash =
  | { readonly hash: string; readonly from: string }
  /** It answers, and has read none. */
  | { readonly hash: undefined; readonly from: string }
  | { readonly unknown: string };

/** Where the API server of a control plane keeps the certificate by which kubelets let it in. */
const CLIENT_CERTIFICATES = [
  "/etc/kubernetes/pki/apiserver-kubelet-client",
  "/var/lib/rancher/k3s/server/tls/client-kube-apiserver",
  "/var/lib/rancher/rke2/server/tls/client-kube-apiserver",
  "/var/snap/microk8s/current/certs/apiserver-kubelet-client",
];

/**
 * The label of the kubelet's metric kubelet_credential_provider_config_info (since 1.34). Asks loopback only: the
 * read-only port where there is one, else the kubelet's own port, with the API server's client certificate where this
 * node has it.
 */
export async function loadedConfigHash(
  kubelet: RunningKubelet,
  { port, readOnlyPort }: KubeletSettings,
): Promise<LoadedHash> {
  const from =
    readOnlyPort > 0 ? `http://127.0.0.1:${readOnlyPort}/metrics` : `https://127.0.0.1:${port}/metrics`;
  const certificate = readOnlyPort > 0 ? undefined : clientCertificate(kubelet);
  const answer = await get(from, certificate);
  if ("failed" in answer) return { unknown: `${from} does not answer: ${answer.failed}` };
  if (answer.status === 401 || answer.status === 403) {
    const who =
      certificate === undefined ? "no client certificate of the API server is on this node" : "refused";
    return { unknown: `${from} answers ${answer.status} (${who})` };
  }
  if (answer.status !== 200 || !/^kubelet_/m.test(answer.text)) {
    return { unknown: `${from} does not answer as a kubelet does (status ${answer.status})` };
  }
  const label = /^kubelet_credential_provider_config_info\{hash="(sha256:[0-9a-f]{64})"\} 1$/m.exec(
    answer.text,
  );
  return { hash: label?.[1], from };
}

interface Certificate {
  readonly cert: Uint8Array;
  readonly key: Uint8Array;
}

/** Only of a kubelet whose files are this machine's own: a container's are not to be trusted with anything. */
function clientCertificate({ files }: RunningKubelet): Certificate | undefined {
  if (files.view === "root") return undefined;
  for (const path of CLIENT_CERTIFICATES) {
    try {
      return { cert: files.read(`${path}.crt`), key: files.read(`${path}.key`) };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  return undefined;
}

type Answer = { readonly status: number; readonly text: string } | { readonly failed: string };

/**
 * A kubelet's certificate is mostly its own, and who asks on loopback sends nothing that is secret: the certificate's key
 * stays here.
 */
async function get(url: string, certificate: Certificate | undefined): Promise<Answer> {
  const { request } = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  return new Promise((resolve) => {
    const options = certificate && { cert: Buffer.from(certificate.cert), key: Buffer.from(certificate.key) };
    const asked = request(url, { rejectUnauthorized: false, agent: false, ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > MAX_BYTES) asked.destroy(new Error("it answers without end"));
      });
      response.on("end", () => end({ status: response.statusCode ?? 0, text }));
    });
    const timer = setTimeout(
      () => asked.destroy(new Error(`nothing within ${TIMEOUT_MS / 1000} s`)),
      TIMEOUT_MS,
    );
    const end = (answer: Answer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    asked.on("error", (error: NodeJS.ErrnoException) => end({ failed: error.code ?? error.message }));
    asked.end();
  });
}
