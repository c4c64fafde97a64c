import type { LogSettings } from "../log/runLine.ts";
import type { AssumeRoleConfig, Network } from "./generated/schema.ts";

export type { AssumeRoleConfig, Network };

/** An identity as configured: what its source needs is there. Field meanings: the schema's IdentityConfig. */
export type IdentityConfig = IdentitySource & { readonly assumeRoles: readonly AssumeRoleConfig[] };

export type IdentitySource =
  | { readonly source: "auto" }
  | AccessKeySource
  | { readonly source: "ecsRamRole"; readonly roleName?: string }
  | ServiceAccountTokenSource
  | OidcTokenFileSource
  | { readonly source: "profile"; readonly name?: string; readonly file?: string }
  | { readonly source: "credentialsUri"; readonly uri: string };

export type AccessKeySource =
  | { readonly source: "accessKey"; readonly directory: string }
  | {
      readonly source: "accessKey";
      readonly accessKeyId: string;
      readonly accessKeySecret: string;
      readonly securityToken?: string;
    };

export interface ServiceAccountTokenSource {
  readonly source: "serviceAccountToken";
  /** Absent where only annotations of service accounts name roles. */
  readonly roleArn?: string;
  readonly oidcProviderArn: string;
  /** Who pods without a service account token are. */
  readonly fallback?: IdentityConfig;
}

export interface OidcTokenFileSource {
  readonly source: "oidcTokenFile";
  readonly path: string;
  readonly roleArn: string;
  readonly oidcProviderArn: string;
}

/** One entry of `registries`, defaults filled in. */
export interface RegistryEntry {
  /** Its place in the file, for messages and explain: `registries[0]`. */
  readonly path: string;
  /** "" = the region's Personal Edition. */
  readonly instanceId: string;
  readonly instanceName?: string;
  readonly regionId?: string;
  /** Lower case, port kept where given; undefined = every domain of the instance. */
  readonly domains?: readonly string[];
  readonly network: Network;
  readonly identity: IdentityConfig;
  readonly fixedCredentials?: { readonly directory: string };
}

/** The effective config: checked, defaults filled in, durations in ms, sizes in bytes. */
export interface ProviderConfig {
  /** Where it came from, for messages: the file, or undefined when the built-in defaults apply. */
  readonly file?: string;
  readonly registries: readonly RegistryEntry[];
  readonly discovery: "auto" | "always" | "never";
  readonly defaultRegion?: string;
  readonly expiringThresholdMs: number;
  readonly identity: IdentityConfig;
  readonly access: { readonly namespaces: readonly string[]; readonly serviceAccounts: readonly string[] };
  readonly serviceAccountAnnotations: {
    readonly enabled: boolean;
    readonly allowedRoleArns: readonly string[];
  };
  readonly cache: { readonly enabled: boolean; readonly directory: string };
  /** Whether a pod's own identity is answered in an outage although there is no token. */
  readonly answerInOutage: boolean;
  readonly network: Network;
  readonly timeouts: { readonly totalMs: number; readonly requestMs: number };
  /** URLs, scheme included, no trailing slash. */
  readonly endpoints: { readonly acr?: string; readonly sts?: string; readonly metadata?: string };
  readonly tls: { readonly caFile?: string };
  readonly log: LogSettings;
}

/** Whether the instance behind a default Enterprise host that no entry explains is looked up by its name. */
export function discovers({ discovery, registries }: ProviderConfig): boolean {
  return discovery === "always" || (discovery === "auto" && registries.length === 0);
}

/** Whether the kubelet has to send service account tokens for this config to work, and why; undefined if not. */
export function needsServiceAccountTokens(config: ProviderConfig): string | undefined {
  if (restrictsAccess(config)) return "access restricts who may pull";
  if (config.serviceAccountAnnotations.enabled) return "serviceAccountAnnotations is enabled";
  return assumesAsServiceAccount(config) ? "an identity has the source serviceAccountToken" : undefined;
}

/** Whether some identity is the pod's service account. */
export function assumesAsServiceAccount(config: ProviderConfig): boolean {
  return [config, ...config.registries].some(({ identity }) => identity.source === "serviceAccountToken");
}

/** Whether `access` lets only some pods pull. */
export function restrictsAccess({ access }: Pick<ProviderConfig, "access">): boolean {
  return !access.namespaces.includes("*") || !access.serviceAccounts.includes("*");
}
