import { resolve } from "node:path";
import type { ProviderConfig, RegistryEntry } from "../../config/config.ts";
import { DEFAULT_CONFIG_FILE } from "../../config/configFile.ts";
import type { KubeletRelease } from "../../kubelet/kubeletRelease.ts";
import { hasUnknownDomains, matchImages } from "../../kubelet/matchImages/matchImages.ts";
import { tokenAttributes } from "./tokenAttributes.ts";

export const DEFAULT_NAME = "aliyun-acr-credential-provider";

/** Hosts that are remembered of an entry's instance. */
export type Learnt = ReadonlyMap<RegistryEntry, readonly string[]>;

export interface TextOptions {
  readonly learnt?: Learnt;
  /** The provider's name, which is that of its executable in the bin directory. */
  readonly name?: string;
  /** Where the config is on the node, absolute; default: where it was read. */
  readonly configOnNode?: string;
}

/**
 * The kubelet's `CredentialProviderConfig` for this config, as YAML. Strict: a field that the release does not know
 * would keep the kubelet from starting.
 * @throws Failure when the config needs what the release has not.
 */
export function kubeletConfigText(
  config: ProviderConfig,
  release: KubeletRelease,
  { learnt = new Map(), name = DEFAULT_NAME, configOnNode = config.file }: TextOptions = {},
): string {
  const tokens = tokenAttributes(config, release);
  const groups = matchImages(config, (entry) => learnt.get(entry) ?? []);
  const provider = [
    `name: ${name === DEFAULT_NAME ? name : quoted(name)}`,
    `apiVersion: credentialprovider.kubelet.k8s.io/${release.api}`,
    "matchImages:",
    ...groups.flatMap(({ about, patterns }) => [
      `  # ${about}`,
      ...patterns.map((text) => `  - ${quoted(text)}`),
    ]),
    ...unknownDomains(config, learnt).map((line) => `  # ${line}`),
    "# The plugin says itself how long an answer holds.",
    'defaultCacheDuration: "0s"',
    ...argsOf(configOnNode),
    ...environment,
    ...tokens,
  ];
  return [
    `# The kubelet's side of ${DEFAULT_NAME}, ${spanOf(release, tokens.length > 0)}; made by its command kubelet-config.`,
    "# Flags of the kubelet: --image-credential-provider-config=THIS_FILE --image-credential-provider-bin-dir=DIRECTORY",
    "# A * stands for one label of a host, or a part of one. Case and port must be those of the image: a host that is",
    "# written with :443 there needs a pattern with :443 here. A path after the host would have to begin the image's.",
    `apiVersion: kubelet.config.k8s.io/${release.api}`,
    "kind: CredentialProviderConfig",
    "providers:",
    ...provider.map((line, index) => `${index === 0 ? "  - " : "    "}${line}`),
    "",
  ].join("\n");
}

/** The releases that take the very same file. */
function spanOf({ api, tokens }: KubeletRelease, usesTokens: boolean): string {
  if (api === "v1beta1") return "for Kubernetes 1.24 and 1.25";
  if (!usesTokens) return "for Kubernetes 1.26 and later";
  return tokens === "beta" ? "for Kubernetes 1.34 and later" : "for Kubernetes 1.33";
}

/** Custom domains that nothing on the node tells. */
function unknownDomains({ registries, serviceAccountAnnotations }: ProviderConfig, learnt: Learnt): string[] {
  const entries = registries
    .filter((entry) => hasUnknownDomains(entry) && !learnt.has(entry))
    .map(({ path, instanceId }) => `${path}: if ${instanceId} has custom domains, add each of them here`);
  return serviceAccountAnnotations.enabled
    ? [...entries, "Custom domains of instances that service accounts name: add each of them here"]
    : entries;
}

/** The runtime (JavaScriptCore in Bun) has an option for its compiler, which only a variable sets. The rest is for some nodes. */
const environment = [
  "env:",
  "  # A run is over before compiled code pays: it takes less time and memory without the runtime's compiler.",
  '  - {name: BUN_JSC_useJIT, value: "0"}',
  "  # For the plugin alone, over the kubelet's own. On MicroK8s the snap's LD_LIBRARY_PATH reaches it: empty it.",
  '  # - {name: HTTPS_PROXY, value: "http://proxy.example.com:3128"}',
  '  # - {name: LD_LIBRARY_PATH, value: ""}',
];

function argsOf(file: string | undefined): string[] {
  if (file === undefined || resolve(file) === DEFAULT_CONFIG_FILE) return [];
  return ["args:", "  - --config", `  - ${quoted(resolve(file))}`];
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
