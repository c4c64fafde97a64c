import { asciiLowerCase } from "../host/hostName.ts";
import type { IdentityConfig, ProviderConfig, RegistryEntry } from "./config.ts";
import { parseEndpoint } from "./hostValues.ts";
import type { FilledConfig, FilledEntry, FilledIdentity } from "./input.ts";
import { parseDuration, parseSize, splitList } from "./values.ts";

/** The config as the program works with it. The input has passed the schema and the checks of `validation`. */
export function effectiveConfig(
  input: FilledConfig,
  file: string | undefined,
  warnings: readonly string[],
): ProviderConfig {
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
    network: input.network,
    timeouts: { totalMs: durationMs(input.timeouts.total), requestMs: durationMs(input.timeouts.request) },
    endpoints: effectiveEndpoints(input.endpoints),
    tls: input.tls,
    log: effectiveLog(input.log),
    warnings,
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

function effectiveIdentity({ fallback, ...identity }: FilledIdentity): IdentityConfig {
  return fallback === undefined ? identity : { ...identity, fallback: effectiveIdentity(fallback) };
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
