import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { type Certificate, createCertificateAuthority } from "../../cloud/http/certificates.ts";
import { type Forwarding, forward } from "../../kubelet/node/forward.ts";
import { state } from "../../kubelet/node/inside.ts";
import { startService, waitFor } from "../../kubelet/node/service.ts";
import { programOf } from "../setup/programs.ts";
import { type Api, apiAt } from "./api.ts";

/** The node's address; it is also that of the control plane. */
export const nodeAddress = "10.99.0.2";
export const nodeName = "node1";

const server = `https://${nodeAddress}:6443`;
/** Where the node reaches it. */
const serverForNode = `${nodeAddress}:6444`;
const etcd = "http://127.0.0.1:2379";
const folder = `${state}/kubernetes`;

export interface ControlPlane {
  readonly api: Api;
  /** The beginning of an administrator's command lines. */
  readonly kubectlCommand: readonly string[];
  /** Runs kubectl as an administrator; what it prints. */
  kubectl(args: readonly string[], stdin?: string): string;
  readonly kubeletKubeconfig: string;
  /** The public key of the service account tokens, as a cloud that trusts this cluster has it. */
  readonly tokenKey: Record<string, unknown>;
  /** The way from the node to the API server: cut, its connections are refused as if no one listened there. */
  readonly wayFromNode: Forwarding;
}

/** Starts etcd, the API server with these flags in addition, the controllers and the scheduler. */
export async function startControlPlane(issuerFlags: readonly string[]): Promise<ControlPlane> {
  mkdirSync(folder);
  const authority = createCertificateAuthority("Kubernetes of the tests");
  writeFileSync(`${folder}/ca.crt`, authority.cert);
  write("apiserver", authority.issue([nodeAddress, "kubernetes", "kubernetes.default", "10.96.0.1"]));
  const admin = authority.issueClient("admin", "system:masters");
  const api = apiAt(server, authority.cert, admin);
  const tokenKey = makeTokenKey();

  const adminKubeconfig = kubeconfig("admin", admin);
  startService("etcd", etcdCommand());
  const apiServer = startService("kube-apiserver", apiServerCommand(issuerFlags));
  await waitFor("API server", () => api.ready(), { seconds: 120, log: apiServer.log });
  // Started after it, they see at once what there is, and do not wait for their next try.
  startService("kube-controller-manager", controllerManagerCommand(adminKubeconfig));
  startService("kube-scheduler", schedulerCommand(adminKubeconfig));

  const kubectlCommand = [programOf("kubectl"), `--kubeconfig=${adminKubeconfig}`];
  return {
    api,
    kubectlCommand,
    kubectl: (args, stdin) => runKubectl(kubectlCommand, args, stdin),
    kubeletKubeconfig: kubeconfig(
      "kubelet",
      authority.issueClient(`system:node:${nodeName}`, "system:nodes"),
      `https://${serverForNode}`,
    ),
    tokenKey,
    wayFromNode: await forward(serverForNode, server),
  };
}

function runKubectl(kubectl: readonly string[], args: readonly string[], stdin = ""): string {
  const command = [...kubectl, ...args];
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { stdin: Buffer.from(stdin) });
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout.toString();
}

/** @returns the public key as JWK. */
function makeTokenKey(): Record<string, unknown> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(`${folder}/tokens.key`, privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(`${folder}/tokens.pub`, publicKey.export({ type: "spki", format: "pem" }));
  return { ...publicKey.export({ format: "jwk" }) };
}

function write(name: string, { key, cert }: Certificate): { key: string; cert: string } {
  const files = { key: `${folder}/${name}.key`, cert: `${folder}/${name}.crt` };
  writeFileSync(files.key, key, { mode: 0o600 });
  writeFileSync(files.cert, cert);
  return files;
}

function kubeconfig(name: string, certificate: Certificate, url = server): string {
  const { key, cert } = write(name, certificate);
  const file = `${folder}/${name}.kubeconfig`;
  const content = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "tests", cluster: { server: url, "certificate-authority": `${folder}/ca.crt` } }],
    users: [{ name, user: { "client-certificate": cert, "client-key": key } }],
    contexts: [{ name, context: { cluster: "tests", user: name } }],
    "current-context": name,
  };
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  return file;
}

const etcdCommand = () => [
  programOf("etcd"),
  `--data-dir=${state}/etcd`,
  `--listen-client-urls=${etcd}`,
  `--advertise-client-urls=${etcd}`,
  "--listen-peer-urls=http://127.0.0.1:2380",
  "--initial-advertise-peer-urls=http://127.0.0.1:2380",
  "--initial-cluster=default=http://127.0.0.1:2380",
  "--unsafe-no-fsync",
];

const apiServerCommand = (issuerFlags: readonly string[]) => [
  programOf("kube-apiserver"),
  `--etcd-servers=${etcd}`,
  `--advertise-address=${nodeAddress}`,
  "--endpoint-reconciler-type=none",
  `--tls-cert-file=${folder}/apiserver.crt`,
  `--tls-private-key-file=${folder}/apiserver.key`,
  `--cert-dir=${folder}`,
  `--client-ca-file=${folder}/ca.crt`,
  `--service-account-key-file=${folder}/tokens.pub`,
  `--service-account-signing-key-file=${folder}/tokens.key`,
  ...issuerFlags,
  "--service-cluster-ip-range=10.96.0.0/16",
  "--authorization-mode=Node,RBAC",
  "--allow-privileged=true",
  "--enable-admission-plugins=NodeRestriction",
  "--shutdown-delay-duration=0s",
];

const controllerManagerCommand = (kubeconfigFile: string) => [
  programOf("kube-controller-manager"),
  `--kubeconfig=${kubeconfigFile}`,
  `--service-account-private-key-file=${folder}/tokens.key`,
  `--root-ca-file=${folder}/ca.crt`,
  "--leader-elect=false",
];

const schedulerCommand = (kubeconfigFile: string) => [
  programOf("kube-scheduler"),
  `--kubeconfig=${kubeconfigFile}`,
  "--leader-elect=false",
];
