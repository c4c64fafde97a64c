/**
 * The model of the simulated cloud: plain data, mutable at run time, JSON in and out.
 * What is changed here counts from the next request on.
 */

export interface World {
  accounts: Account[];
  instances: EnterpriseInstance[];
  personalInstances: PersonalInstance[];
  node: EcsNode;
  credentialsUri: CredentialsUriServer;
  /**
   * Life of a registry token in milliseconds. Left out: one hour, and with STS credentials what is
   * left of the session, as GetAuthorizationToken documents (facts 3.1).
   */
  tokenLifeMs?: number | undefined;
}

export interface Account {
  id: string;
  users: RamUser[];
  roles: Role[];
  oidcProviders: OidcProvider[];
}

export interface RamUser {
  name: string;
  accessKeys: AccessKey[];
  permissions: Permission[];
}

export interface AccessKey {
  id: string;
  secret: string;
  status: "Active" | "Inactive";
}

export interface Role {
  name: string;
  /** Who may assume the role; one statement is enough. */
  trust: TrustStatement[];
  permissions: Permission[];
  /** 3600–43200. */
  maxSessionDurationSeconds: number;
}

export interface TrustStatement {
  principal: {
    /** ARNs: `acs:ram::ID:root`, `acs:ram::ID:user/NAME`, `acs:ram::ID:role/NAME`. */
    ram?: string[] | undefined;
    /** Service names: `ecs.aliyuncs.com`. */
    service?: string[] | undefined;
    /** ARNs of OIDC providers. */
    federated?: string[] | undefined;
  };
  conditions?: Conditions | undefined;
}

/** Keys: `oidc:iss`, `oidc:aud`, `oidc:sub`, `sts:ExternalId`. Several values mean any of them. */
export interface Conditions {
  StringEquals?: Record<string, string | string[]> | undefined;
  StringLike?: Record<string, string | string[]> | undefined;
}

/** One policy statement; actions and resources are globs, no resources means every resource. */
export interface Permission {
  effect?: "Allow" | "Deny" | undefined;
  actions: string[];
  resources?: string[] | undefined;
}

export interface OidcProvider {
  name: string;
  issuer: string;
  clientIds: string[];
  /** How the simulated issuer signs; RS256 as Kubernetes does by default. */
  algorithm?: "RS256" | "ES256" | undefined;
  /** Further public keys (JWK) that count as the issuer's, such as those of a real API server. */
  keys?: Record<string, unknown>[] | undefined;
  /** `false`: STS cannot fetch the issuer's keys. */
  reachable?: boolean | undefined;
  /** `false`: the thumbprint of the issuer's CA differs from the registered one. */
  fingerprintMatches?: boolean | undefined;
  /** Tokens issued longer ago are refused; 1–168, default 12 (facts 6.3). */
  issuanceLimitHours?: number | undefined;
}

export type InstanceStatus =
  | "PENDING"
  | "INIT_ERROR"
  | "STARTING"
  | "RUNNING"
  | "STOPPING"
  | "STOPPED"
  | "DELETING"
  | "DELETED";

export interface EnterpriseInstance {
  accountId: string;
  regionId: string;
  instanceId: string;
  instanceName: string;
  status: InstanceStatus;
  endpoints: InstanceEndpoint[];
}

export interface InstanceEndpoint {
  endpointType: "internet" | "vpc";
  enable: boolean;
  domains: InstanceDomain[];
  /** The access list; left out: one of private addresses. */
  aclEntries?: string[] | undefined;
  /** `false`: whoever reaches the endpoint is let in. */
  aclEnable?: boolean | undefined;
}

export interface InstanceDomain {
  domain: string;
  type: "SYSTEM" | "USER";
}

export interface PersonalInstance {
  accountId: string;
  regionId: string;
}

/** The ECS node whose metadata service is simulated. */
export interface EcsNode {
  regionId: string;
  zoneId: string;
  instanceId: string;
  vpcId: string;
  accountId: string;
  /** The RAM role attached to the node; none: 404 on the role list. */
  roleName?: string | null | undefined;
  /** `required`: hardened mode only. */
  httpTokens: "required" | "optional";
  credentialsLifeSeconds: number;
}

/** The credentials URI hands out sessions of one role. */
export interface CredentialsUriServer {
  roleArn: string;
  credentialsLifeSeconds: number;
}

/** A partial world: an object is merged, an array or a value replaced, `null` removes. */
export type ModelInput = { [K in keyof World]?: World[K] | Partial<World[K]> | null };

/** Lays a patch over a world in the manner of JSON Merge Patch (RFC 7396), in place. */
export function patchWorld(world: World, patch: ModelInput): void {
  mergeInto(world as unknown as Record<string, unknown>, patch as Record<string, unknown>);
}

function mergeInto(target: Record<string, unknown>, patch: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(patch)) {
    const present = target[name];
    if (value === null) delete target[name];
    else if (isPlainObject(value) && isPlainObject(present)) mergeInto(present, value);
    else target[name] = value;
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
