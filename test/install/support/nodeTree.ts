import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type RunResult, runExecutable } from "../../support/executable.ts";

/** A directory that is a node's `/`, as far as installing looks at it. No kubelet runs in it, and no systemd. */
export interface NodeTree {
  readonly root: string;
  write(path: string, text: string, mode?: number): void;
  read(path: string): string;
  has(path: string): boolean;
  /** Every file, link and folder but the lock file: mode, and what is in it. */
  state(): Record<string, string>;
  /** The built executable with `--root`. */
  node(command: string, ...args: string[]): Promise<RunResult>;
  remove(): void;
}

const lockFile = "/run/aliyun-acr-credential-provider-install.lock";

/** In memory where that can be: each run puts 100 MB there. */
const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export function nodeTree(files: Readonly<Record<string, string>>): NodeTree {
  const root = mkdtempSync(`${parent}/acr-tree-`);
  const tree: NodeTree = {
    root,
    write(path, text, mode = 0o644) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text, { mode });
      chmodSync(join(root, path), mode);
    },
    read: (path) => readFileSync(join(root, path), "utf8"),
    has: (path) => existsSync(join(root, path)),
    state: () => stateOf(root, ""),
    node: (command, ...args) => runExecutable({ args: ["node", command, "--root", root, ...args] }),
    remove: () => rmSync(root, { recursive: true }),
  };
  for (const folder of ["/run", "/var/lib", "/etc", "/usr/local/lib"])
    mkdirSync(join(root, folder), { recursive: true });
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  return tree;
}

function stateOf(root: string, folder: string): Record<string, string> {
  const names = readdirSync(join(root, folder));
  return Object.assign(
    {},
    ...names.map((name) => {
      const path = `${folder}/${name}`;
      const stats = lstatSync(join(root, path));
      const mode = (stats.mode & 0o7777).toString(8);
      if (path === lockFile) return {};
      if (stats.isSymbolicLink()) return { [path]: `-> ${readlinkSync(join(root, path))}` };
      if (stats.isDirectory()) return { [path]: mode, ...stateOf(root, path) };
      return { [path]: `${mode} ${contentOf(join(root, path), stats.size)}` };
    }),
  );
}

function contentOf(path: string, size: number): string {
  return size > 1024 * 1024 ? `${size} bytes, ${Bun.hash(readFileSync(path))}` : readFileSync(path, "utf8");
}

/** The unit of the official packages of Kubernetes: cmd/krel/templates/latest/kubelet in kubernetes/release. */
const kubeletUnit = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`;

/** The drop-in of kubeadm's package; the deb reads /etc/default/kubelet, the rpm /etc/sysconfig/kubelet. */
const kubeadmDropIn = (
  environmentFile: string,
) => `# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
# This is a file that "kubeadm init" and "kubeadm join" generates at runtime, populating the KUBELET_KUBEADM_ARGS variable dynamically
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
# This is a file that the user can use for overrides of the kubelet args as a last resort. Preferably, the user should use
# the .NodeRegistration.KubeletExtraArgs object in the configuration files instead. KUBELET_EXTRA_ARGS should be sourced from this file.
EnvironmentFile=-${environmentFile}
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`;

export const kubeadmFlags = "/var/lib/kubelet/kubeadm-flags.env";

/** A node with the official deb. */
export const debNode = {
  "/usr/lib/systemd/system/kubelet.service": kubeletUnit,
  "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": kubeadmDropIn("/etc/default/kubelet"),
  "/etc/default/kubelet": "KUBELET_EXTRA_ARGS=\n",
  [kubeadmFlags]:
    'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n',
};

/** A node with the official rpm. */
export const rpmNode = {
  "/usr/lib/systemd/system/kubelet.service": kubeletUnit,
  "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": kubeadmDropIn("/etc/sysconfig/kubelet"),
  "/etc/sysconfig/kubelet": "KUBELET_EXTRA_ARGS=\n",
};

/** The unit that k3s's own script writes. */
export const k3sNode = {
  "/etc/systemd/system/k3s.service": `[Unit]
Description=Lightweight Kubernetes

[Service]
Type=notify
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
EnvironmentFile=-/etc/systemd/system/k3s.service.env
KillMode=process
Restart=always
RestartSec=5s
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStart=/usr/local/bin/k3s \\
    server \\
`,
};

/** RKE2's packages bring both units along. */
export const rke2Node = {
  "/usr/local/lib/systemd/system/rke2-server.service":
    "[Service]\nType=notify\nExecStart=/usr/local/bin/rke2 server\n",
  "/usr/local/lib/systemd/system/rke2-agent.service":
    "[Service]\nType=notify\nExecStart=/usr/local/bin/rke2 agent\n",
};

export const microK8sArgs = "/var/snap/microk8s/current/args/kubelet";
export const microK8sNode = {
  [microK8sArgs]: "--kubeconfig=$SNAP_DATA/credentials/kubelet.config\n# own\n--cluster-dns=10.152.183.10\n",
};

/** Another provider's config, as an operator wrote it, with its executable. */
export const otherProvider = `# Ours are many.
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: ecr-credential-provider   # AWS
    matchImages: [ "*.dkr.ecr.*.amazonaws.com" ]
    defaultCacheDuration: 12h
    apiVersion: credentialprovider.kubelet.k8s.io/v1
# The end.
`;
