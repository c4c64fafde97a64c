import type { Check } from "../../check.ts";
import type { JudgedConfig } from "../../judgedConfig.ts";
import { checksOf } from "../../makeCheck.ts";
import type { ObservedNode } from "../../observedNode.ts";
import { environmentChecks } from "./environment.ts";
import { flagChecks } from "./flags.ts";
import { imageChecks } from "./imageProviders.ts";
import { limitChecks } from "./limits.ts";
import { loadedCheck } from "./loaded.ts";
import { providerChecks } from "./providers.ts";

const check = checksOf("kubelet");

/** What else the kubelet's checks need. */
export interface KubeletExamination {
  readonly judged: JudgedConfig;
  readonly images: readonly string[];
  readonly offline: boolean;
  /** The environment of whoever runs doctor. */
  readonly shell: Readonly<Record<string, string | undefined>>;
}

/** The running kubelet: how it was started, which providers it has, whom it asks for an image, and what it hands on. */
export async function* examineKubelet(node: ObservedNode, wanted: KubeletExamination): AsyncIterable<Check> {
  yield processCheck(node);
  yield releaseCheck(node);
  yield* flagChecks(node, wanted.judged);
  yield* providerChecks(node, wanted.judged);
  yield* imageChecks(node, wanted.images, wanted.judged.validation?.config);
  yield await loadedCheck(node, wanted.offline);
  yield* environmentChecks(node, wanted.judged, wanted.shell);
  yield* limitChecks(node);
}

const kinds = {
  kubelet: "a process of its own",
  rke2: "started by RKE2",
  k3s: "embedded in k3s",
  microk8s: "embedded in MicroK8s's kubelite",
} as const;

function processCheck({ kubelet, noKubelet, otherKubelets }: ObservedNode): Check {
  if (kubelet === undefined) return check("process", "the kubelet").skipped(noKubelet);
  const { pid, kind, files, argv } = kubelet;
  const found = check("process", `process ${pid} (${argv[0]})`);
  if (files.view === "root") {
    return found.warning(
      "it has a file system of its own, such as a container's: its files are read through /proc, and the network is not tried with its config",
      `nsenter --target ${pid} --mount --root -- aliyun-acr-credential-provider doctor, where the executable is in there`,
    );
  }
  if (otherKubelets.length > 0) {
    const others = otherKubelets.map((other) => other.pid).join(", ");
    return found.warning(
      `${kinds[kind]}; of several kubelets the first one is looked at, not process ${others}`,
      "run doctor inside the container or chroot of the one that is meant",
    );
  }
  return found.ok(kinds[kind]);
}

function releaseCheck({ kubelet, release }: ObservedNode): Check {
  const found = check("release", `Kubernetes ${release.version}`);
  if (release.from !== undefined) return found.ok(`by ${release.from}`);
  const rules = `the config is judged by the rules of ${release.name}; --kubernetes VERSION names another`;
  return kubelet === undefined
    ? found.skipped(`no kubelet was asked: ${rules}`)
    : found.skipped(`it is not known: ${release.unknown}; ${rules}`);
}
