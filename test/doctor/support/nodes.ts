import { stringify } from "yaml";
import {
  binDir,
  credentialConfig,
  type DoctorNode,
  type KubeletProcess,
  pluginConfig,
} from "./simulatedKubelet.ts";

/** An image that the default config answers for. */
export const image = "corp-registry.cn-hangzhou.cr.aliyuncs.com/team/web:1";

/** The flags of a kubelet, as one word each. */
export const kubeletFlags = [
  `--image-credential-provider-config=${credentialConfig}`,
  `--image-credential-provider-bin-dir=${binDir}`,
];

/** One provider of a CredentialProviderConfig, ours unless another is named. */
export function provider(different: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: "aliyun-acr-credential-provider",
    apiVersion: "credentialprovider.kubelet.k8s.io/v1",
    matchImages: ["*-registry.*.cr.aliyuncs.com"],
    defaultCacheDuration: "0s",
    ...different,
  };
}

/** A CredentialProviderConfig of these providers. */
export function credentialProviderConfig(...providers: Record<string, unknown>[]): string {
  return stringify({ apiVersion: "kubelet.config.k8s.io/v1", kind: "CredentialProviderConfig", providers });
}

/** The plugin's own config. */
export function providerConfig(different: Record<string, unknown> = {}): string {
  return stringify({
    apiVersion: "aliyun-acr-credential-provider/v1",
    kind: "ProviderConfig",
    registries: [{ instanceId: "cri-xxxxxxxxxxxxxxx1", instanceName: "corp", regionId: "cn-hangzhou" }],
    ...different,
  });
}

/** A node of kubeadm on which nothing is wrong, with differences. */
export function kubeadmNode(different: DoctorNode = {}): DoctorNode {
  return {
    ...different,
    files: {
      [credentialConfig]: credentialProviderConfig(provider()),
      [pluginConfig]: providerConfig(),
      ...different.files,
    },
    kubelet: { argv: ["/usr/bin/kubelet", ...kubeletFlags], ...different.kubelet },
  };
}

/** The same node with a kubelet that was started otherwise. */
export function withKubelet(kubelet: Partial<KubeletProcess>, different: DoctorNode = {}): DoctorNode {
  return kubeadmNode({ ...different, kubelet: { argv: ["/usr/bin/kubelet", ...kubeletFlags], ...kubelet } });
}
