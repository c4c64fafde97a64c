import type {
  AssumeRoleConfig,
  IdentityConfig as IdentityInput,
  ProviderConfig as Input,
  RegistryConfig,
} from "./generated/schema.ts";

export type { Input };

type Filled<Section> = Required<Omit<Section, "file" | "caFile">> & Section;

/** An identity that the schema accepts, its defaults filled in. */
export interface FilledIdentity extends Omit<IdentityInput, "fallback"> {
  source: NonNullable<IdentityInput["source"]>;
  assumeRoles: AssumeRoleConfig[];
  fallback?: FilledIdentity;
}

/** An entry of `registries` that the schema accepts, its defaults filled in. */
export interface FilledEntry extends Omit<RegistryConfig, "identity"> {
  instanceId: string;
  identity?: FilledIdentity;
}

/** A config that the schema accepts, its defaults filled in: durations, sizes and endpoints still as text. */
export interface FilledConfig extends Input {
  registries: FilledEntry[];
  discovery: NonNullable<Input["discovery"]>;
  expiringThreshold: string;
  identity: FilledIdentity;
  access: Filled<NonNullable<Input["access"]>>;
  serviceAccountAnnotations: Filled<NonNullable<Input["serviceAccountAnnotations"]>>;
  cache: Filled<NonNullable<Input["cache"]>>;
  network: NonNullable<Input["network"]>;
  timeouts: Filled<NonNullable<Input["timeouts"]>>;
  endpoints: NonNullable<Input["endpoints"]>;
  tls: NonNullable<Input["tls"]>;
  log: Filled<NonNullable<Input["log"]>>;
}
