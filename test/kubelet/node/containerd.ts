import { writeFileSync } from "node:fs";
import { run, state } from "./inside.ts";
import { type Service, startService, waitFor } from "./service.ts";

export const runtimeSocket = "/run/containerd/containerd.sock";

/** Starts Debian's containerd; it trusts the registries' certificate and nothing else. */
export async function startContainerd(pauseImage: string, trustedCertificates: string): Promise<Service> {
  const config = containerdConfig(pauseImage, state);
  return startRuntime("containerd", "containerd", config, { SSL_CERT_FILE: trustedCertificates });
}

/** Starts a program that is containerd with this config, as a service of this name, and waits until it answers. */
export async function startRuntime(
  name: string,
  program: string,
  config: string,
  env: Record<string, string>,
): Promise<Service> {
  const file = `${state}/${name}.toml`;
  writeFileSync(file, config);
  const containerd = startService(name, [program, "--config", file], env);
  await waitFor("containerd", () => Bun.spawnSync(["ctr", "version"]).exitCode === 0, {
    log: containerd.log,
  });
  return containerd;
}

/** For pods on the host's network; all that it writes goes into this folder. */
export function containerdConfig(pauseImage: string, folder: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${folder}/containerd"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[${cri}]
  sandbox_image = "${pauseImage}"
  # Where root lacks CAP_SYS_RESOURCE, as in many sandboxes, no process may be made less likely to be killed.
  restrict_oom_score_adj = true
[${cri}.cni]
  conf_dir = "${folder}/cni"
  bin_dir = "${folder}/cni"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
`;
}

/** The kubelet's images live in containerd's namespace `k8s.io`. */
export const pullUnauthenticated = (image: string) => run(...pullCommand(image));

export const pullCommand = (image: string): string[] => [
  ..."ctr --namespace k8s.io images pull --plain-http".split(" "),
  image,
];
