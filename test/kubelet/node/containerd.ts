import { writeFileSync } from "node:fs";
import { run, state } from "./inside.ts";
import { type Service, startService, waitFor } from "./service.ts";

export const runtimeSocket = "/run/containerd/containerd.sock";

/** Starts Debian's containerd; it trusts the registries' certificate and nothing else. */
export async function startContainerd(pauseImage: string, trustedCertificates: string): Promise<Service> {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  const config = `${state}/containerd.toml`;
  writeFileSync(
    config,
    `version = 2
root = "${state}/containerd"
[plugins."io.containerd.internal.v1.opt"]
  path = "${state}/opt"
[${cri}]
  sandbox_image = "${pauseImage}"
  # Where root lacks CAP_SYS_RESOURCE, as in many sandboxes, no process may be made less likely to be killed.
  restrict_oom_score_adj = true
[${cri}.cni]
  conf_dir = "${state}/cni"
  bin_dir = "${state}/cni"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
`,
  );
  const containerd = startService("containerd", ["containerd", "--config", config], {
    SSL_CERT_FILE: trustedCertificates,
  });
  await waitFor("containerd", () => Bun.spawnSync(["ctr", "version"]).exitCode === 0, {
    log: containerd.log,
  });
  return containerd;
}

/** The kubelet's images live in containerd's namespace `k8s.io`. */
export const pullUnauthenticated = (image: string) =>
  run("ctr", "--namespace", "k8s.io", "images", "pull", "--plain-http", image);
