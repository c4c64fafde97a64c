import { asciiLowerCase } from "../host/hostName.ts";
import type { IdentityConfig, ProviderConfig, RegistryEntry } from "./config.ts";
import type {
  AssumeRoleConfig,
  IdentityConfig as IdentityInput,
  ProviderConfig as Input,
  RegistryConfig,
} from "./generated/schema.ts";
import { parseDuration, parseEndpoint, parseSize, splitList } from "./values.ts";

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
  answerInOutage: boolean;
  network: NonNullable<Input["network"]>;
  timeouts: Filled<NonNullable<Input["timeouts"]>>;
  endpoints: NonNullable<Input["endpoints"]>;
  tls: NonNullable<Input["tls"]>;
  log: Filled<NonNullable<Input["log"]>>;
}

/** The config as the program works with it. The input has passed the schema and the checks of `validation`. */
export function effectiveConfig(input: FilledConfig, file: string | undefined): ProviderConfig {
  const identity = effectiveIdentity(input.identity);
  const defaults = { network: input.network, identity };
  return {
    ...(file === undefined ? {} : { file }),
    registries: input.registries.map((entry, index) =>
      effectiveEntry(entry, `registries[${index}]`, defaults),
    ),
    discovery: input.discovery,
    ...(input.defaultRegion === undefined ? {} : { defaultRegion: input.defaultRegion }),
    expiringThresholdMs: durationMs(input.expiringThreshold),
    identity,
    access: input.access,
    serviceAccountAnnotations: input.serviceAccountAnnotations,
    cache: input.cache,
    answerInOutage: input.answerInOutage,
    network: input.network,
    timeouts: { totalMs: durationMs(input.timeouts.total), requestMs: durationMs(input.timeouts.request) },
    endpoints: effectiveEndpoints(input.endpoints),
    tls: input.tls,
    log: effectiveLog(input.log),
  };
}

function effectiveEntry(
  entry: FilledEntry,
  path: string,
  defaults: Pick<RegistryEntry, "network" | "identity">,
): RegistryEntry {
  const { domains, identity, network, ...rest } = entry;
  return {
    ...rest,
    path,
    ...(domains === undefined ? {} : { domains: domainsOf(domains) }),
    network: network ?? defaults.network,
    identity: identity === undefined ? defaults.identity : effectiveIdentity(identity),
  };
}

/** Each host once, in lower case. */
function domainsOf(domains: string | readonly string[]): readonly string[] {
  return [...new Set(splitList(domains).map(asciiLowerCase))];
}

/** The validation has seen to it that the source has what it needs, and nothing else. */
function effectiveIdentity({ fallback, ...identity }: FilledIdentity): IdentityConfig {
  const own = fallback === undefined ? identity : { ...identity, fallback: effectiveIdentity(fallback) };
  return own as IdentityConfig;
}

function effectiveEndpoints(endpoints: FilledConfig["endpoints"]): ProviderConfig["endpoints"] {
  const urls: Record<string, string> = {};
  for (const service of ["acr", "sts", "metadata"] as const) {
    const text = endpoints[service];
    const parsed = text === undefined ? undefined : parseEndpoint(text, service);
    if (parsed !== undefined && "value" in parsed) urls[service] = parsed.value;
  }
  return urls;
}

function effectiveLog({ file, level, maxSize }: FilledConfig["log"]): ProviderConfig["log"] {
  return { ...(file === undefined ? {} : { file }), level, maxSizeBytes: parseSize(maxSize) };
}

function durationMs(text: string): number {
  return parseDuration(text) ?? 0;
}
