import { stringify } from "yaml";
import type { IdentityConfig, ProviderConfig, RegistryEntry } from "./config.ts";
import { secretKeys } from "./configSource.ts";
import { formatDuration, formatSize } from "./values.ts";

const MASK = "***";

/**
 * The effective config as YAML in the native form, every default filled in and every secret replaced by `***`; for
 * people, and with the secrets put back a config file again.
 */
export function showConfig(config: ProviderConfig): string {
  const { expiringThresholdMs, timeouts, log, file, registries, ...rest } = config;
  const shown = {
    apiVersion: "aliyun-acr-credential-provider/v1",
    kind: "ProviderConfig",
    registries: registries.map(shownEntry),
    discovery: rest.discovery,
    ...(rest.defaultRegion === undefined ? {} : { defaultRegion: rest.defaultRegion }),
    expiringThreshold: formatDuration(expiringThresholdMs),
    identity: shownIdentity(rest.identity),
    access: rest.access,
    serviceAccountAnnotations: rest.serviceAccountAnnotations,
    cache: rest.cache,
    answerInOutage: rest.answerInOutage,
    network: rest.network,
    timeouts: { total: formatDuration(timeouts.totalMs), request: formatDuration(timeouts.requestMs) },
    endpoints: rest.endpoints,
    tls: rest.tls,
    log: {
      ...(log.file === undefined ? {} : { file: log.file }),
      level: log.level,
      maxSize: formatSize(log.maxSizeBytes),
    },
  };
  const from = file === undefined ? "no config file: the built-in defaults" : `effective config of ${file}`;
  return `# ${from}\n${stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function shownEntry({ path: _path, identity, ...entry }: RegistryEntry) {
  return { ...entry, identity: shownIdentity(identity) };
}

function shownIdentity(identity: IdentityConfig): Record<string, unknown> {
  const shown: Record<string, unknown> = { ...identity };
  for (const key of secretKeys) {
    if (shown[key] !== undefined) shown[key] = MASK;
  }
  if (identity.source === "credentialsUri") shown.uri = withoutQuery(identity.uri);
  if (identity.source === "serviceAccountToken" && identity.fallback !== undefined) {
    shown.fallback = shownIdentity(identity.fallback);
  }
  return shown;
}

/** The query of a credentials URI may be a key to it. */
function withoutQuery(uri: string): string {
  const [address = "", query] = uri.split(/\?(.*)/s);
  return query === undefined ? uri : `${address}?${MASK}`;
}
