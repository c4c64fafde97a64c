import { annotationNames } from "../../access/annotations.ts";
import {
  assumesAsServiceAccount,
  type IdentityConfig,
  needsServiceAccountTokens,
  type ProviderConfig,
  restrictsAccess,
} from "../../config/config.ts";
import { Failure } from "../../failure/failure.ts";
import type { KubeletRelease } from "../../kubelet/kubeletRelease.ts";

/** What RAM's OIDC providers for clusters expect as `oidc:aud`: https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/use-rrsa-to-authorize-pods-to-access-different-cloud-services */
export const AUDIENCE = "sts.aliyuncs.com";

/**
 * The lines of `tokenAttributes`, without indentation; none when the config needs no service account tokens.
 * @throws Failure `KubeletTooOld` when it does and the release has none.
 */
export function tokenAttributes(config: ProviderConfig, release: KubeletRelease): readonly string[] {
  const reason = needsServiceAccountTokens(config);
  if (reason === undefined) return [];
  if (release.tokens === "none") {
    throw new Failure(
      `fit the kubelet's config to Kubernetes ${release.name}: ${reason}, and the kubelet sends service account tokens since 1.33`,
      {
        code: "KubeletTooOld",
        remedy:
          "upgrade the node, or let the nodes pull as themselves: remove access, serviceAccountAnnotations and identities of " +
          'source serviceAccountToken (in an acr-configuration write watch-namespace: all, service-account: "*", no rrsa)',
      },
    );
  }
  const required = !servesOthers(config);
  return [
    `# ${reason}: the kubelet sends the pod's service account token along.`,
    `# The API server must let nodes ask for it: verb request-serviceaccounts-token-audience on ${AUDIENCE} for system:nodes.`,
    ...(release.tokens === "alpha"
      ? ["# Kubernetes 1.33 needs --feature-gates=KubeletServiceAccountTokenForCredentialProviders=true."]
      : []),
    "tokenAttributes:",
    `  serviceAccountTokenAudience: ${AUDIENCE}`,
    ...(release.tokens === "beta"
      ? [
          "  # The answer is the service account's, whichever pod and token of it: they need not be asked for apart.",
          "  cacheType: ServiceAccount",
        ]
      : []),
    required
      ? "  # Nobody else may pull: without a service account (static pods) the plugin is not even run."
      : "  # Pods without a service account (static pods) may pull too.",
    `  requireServiceAccount: ${required}`,
    ...annotationKeyLines(config),
  ];
}

/**
 * The annotations that the kubelet has to send along: only those that can have an effect, because it keeps an answer for
 * each value of them.
 */
export function annotationKeys(config: ProviderConfig): readonly string[] {
  if (!config.serviceAccountAnnotations.enabled) return [];
  const { roleName, ...others } = annotationNames;
  return [...Object.values(others), ...(assumesAsServiceAccount(config) ? [roleName] : [])];
}

function annotationKeyLines(config: ProviderConfig): string[] {
  const names = annotationKeys(config);
  if (names.length === 0) return [];
  return ["  optionalServiceAccountAnnotationKeys:", ...names.map((name) => `    - ${name}`)];
}

/** Whether a pod without service account token can pull anything. */
function servesOthers(config: ProviderConfig): boolean {
  if (restrictsAccess(config)) return false;
  const { registries, discovery, identity, serviceAccountAnnotations } = config;
  const topLevelServes =
    registries.length === 0 || discovery === "always" || serviceAccountAnnotations.enabled;
  return (
    registries.some((entry) => entry.fixedCredentials !== undefined || servesNode(entry.identity)) ||
    (topLevelServes && servesNode(identity))
  );
}

function servesNode(identity: IdentityConfig): boolean {
  return identity.source !== "serviceAccountToken" || identity.fallback !== undefined;
}
