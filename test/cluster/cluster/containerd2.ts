import { startRuntime } from "../../kubelet/node/containerd.ts";
import { state } from "../../kubelet/node/inside.ts";
import type { Service } from "../../kubelet/node/service.ts";
import { containerdBuilds } from "../setup/programs.ts";

/** Starts containerd 2; it trusts the registries' certificate, and pulls the pause image by itself. */
export function startContainerd2(pauseImage: string, trustedCertificates: string): Promise<Service> {
  const runtime = 'plugins."io.containerd.cri.v1.runtime"';
  const config = `version = 3
root = "${state}/containerd2"
[plugins."io.containerd.internal.v1.opt"]
  path = "${state}/opt"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${pauseImage}"
[${runtime}]
  # Where root lacks CAP_SYS_RESOURCE, as in many sandboxes, no process may be made less likely to be killed.
  restrict_oom_score_adj = true
[${runtime}.cni]
  conf_dir = "${state}/cni"
  bin_dirs = ["${state}/cni"]
[${runtime}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
`;
  return startRuntime("containerd2", `${containerdBuilds}/containerd`, config, {
    SSL_CERT_FILE: trustedCertificates,
    // The shim of the same release comes first.
    PATH: `${containerdBuilds}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  });
}
