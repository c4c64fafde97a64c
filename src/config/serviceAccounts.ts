import type { IdentityConfig, ProviderConfig } from "./config.ts";

/** Whether the kubelet has to send service account tokens for this config to work, and why; undefined if not. */
export function needsServiceAccountTokens(config: ProviderConfig): string | undefined {
  if (restrictsAccess(config)) return "access restricts who may pull";
  if (config.serviceAccountAnnotations.enabled) return "serviceAccountAnnotations is enabled";
  return assumesAsServiceAccount(config) ? "an identity has the source serviceAccountToken" : undefined;
}

/** Whether some identity is the pod's service account. */
export function assumesAsServiceAccount(config: ProviderConfig): boolean {
  return [config.identity, ...config.registries.map(({ identity }) => identity)].some(
    usesServiceAccountToken,
  );
}

/** Whether `access` lets only some pods pull. */
export function restrictsAccess({ access }: Pick<ProviderConfig, "access">): boolean {
  return !access.namespaces.includes("*") || !access.serviceAccounts.includes("*");
}

function usesServiceAccountToken(identity: IdentityConfig): boolean {
  return identity.source === "serviceAccountToken";
}
