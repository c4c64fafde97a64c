import { debNode } from "../../install/support/nodeTree.ts";
import type { Release } from "../setup/releases.ts";
import { kubelet, kubeletConfiguration, type NodeFile } from "./systemdNode.ts";

type Files = Readonly<Record<string, NodeFile>>;

/** The files of an official package, by default of the deb, with the real kubelet, without an API server. */
export const kubeadmNode = (release: Release, packaged: Files = debNode): Files => ({
  ...packaged,
  // What kubeadm's own drop-in would add is for a kubelet with an API server.
  "/etc/systemd/system/kubelet.service.d/99-standalone.conf":
    '[Service]\nEnvironment="KUBELET_KUBECONFIG_ARGS=--hostname-override=node"\n',
  "/var/lib/kubelet/kubeadm-flags.env": 'KUBELET_KUBEADM_ARGS="--v=2 --config-dir=/etc/kubelet.d"\n',
  "/var/lib/kubelet/config.yaml": kubeletConfiguration,
  "/etc/kubelet.d/README": "",
  "/usr/bin/kubelet": kubelet(release),
});

/** As k3s and RKE2: the two flags are passed on where the folder and the file are there. */
const handOver = `D=/var/lib/rancher/credentialprovider
if [ -d $D/bin ] && [ -f $D/config.yaml ]; then
  F="--image-credential-provider-bin-dir=$D/bin --image-credential-provider-config=$D/config.yaml"
fi`;

const config = "/var/lib/rancher/kubelet.yaml";

/** A k3s-like server: one process to the outside, which ends with its kubelet, and overwrites its own arguments. */
export const k3sLikeNode = (release: Release): Files => ({
  "/etc/systemd/system/k3s.service":
    "[Service]\nType=simple\nKillMode=control-group\nRestart=always\nRestartSec=5s\nExecStart=/usr/local/bin/k3s server\n",
  "/usr/local/bin/k3s": {
    script: `#!/bin/bash
if [ "$1" = --version ]; then echo "k3s version v${release.version}+k3s1 (0000000)"; exit; fi
exec -a "/usr/local/bin/k3s server" bash -c '${handOver}
/var/lib/rancher/embedded --hostname-override=node --config=${config} --config-dir=/etc/kubelet.d $F & trap "kill $!" TERM; wait $!'
`,
  },
  "/var/lib/rancher/embedded": kubelet(release),
  "/etc/kubelet.d/README": "",
  [config]: kubeletConfiguration,
});

const rke2 = "/var/lib/rancher/rke2";

/** An RKE2-like agent: Type=notify, a kubelet of its own that it starts again and again, and that logs to a file. */
export const rke2LikeNode = (release: Release): Files => ({
  "/usr/local/lib/systemd/system/rke2-agent.service":
    "[Service]\nType=notify\nNotifyAccess=all\nTimeoutStartSec=0\nRestart=always\nRestartSec=5s\nExecStart=/usr/local/bin/rke2 agent\n",
  "/usr/local/bin/rke2": {
    script: `#!/bin/bash
if [ "$1" = --version ]; then echo "rke2 version v${release.version}+rke2r1 (0000000)"; exit; fi
mkdir -p ${rke2}/agent/logs
${handOver}
# Its own job ends only when all of it is up.
(sleep 40; systemd-notify --ready) &
while :; do
  ${rke2}/data/v1/bin/kubelet --hostname-override=node --config=${config} --config-dir=/etc/kubelet.d $F >>${rke2}/agent/logs/kubelet.log 2>&1
  sleep 5
done
`,
  },
  [`${rke2}/data/v1/bin/kubelet`]: kubelet(release),
  "/etc/kubelet.d/README": "",
  [config]: kubeletConfiguration,
});
