import { parseHost } from "../host/hostName.ts";
import type { RamCredentials } from "../identity/identity.ts";
import type { InstanceQuery } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";
import { endpointsInvalid, listEndpoints, type RawEndpoint } from "./listEndpoints.ts";

/** An instance has a few hosts for each network and custom domain; a longer list is none of ACR's. */
const MAX_DOMAINS = 1000;

/**
 * Every host of an instance, default and custom, public and VPC, in lower case, by ListInstanceEndpoint (RAM
 * permission `cr:ListInstanceEndpoint`).
 * @throws Failure of the call, or `ResponseInvalid`.
 */
export async function listDomains(
  run: Run,
  query: InstanceQuery & { readonly instanceId: string },
  credentials: RamCredentials,
): Promise<readonly string[]> {
  const endpoints = await listEndpoints(run, query, credentials, { summary: true });
  const domains = endpoints.flatMap(domainsOfEndpoint);
  if (domains.length === 0 && endpoints.some(namesDomains)) throw endpointsInvalid("domain that is one");
  return [...new Set(domains)].slice(0, MAX_DOMAINS);
}

function namesDomains(endpoint: RawEndpoint): boolean {
  const domains = endpoint?.Domains;
  return Array.isArray(domains) && domains.length > 0;
}

/** The hosts of one endpoint, in lower case. */
export function domainsOfEndpoint(endpoint: RawEndpoint): string[] {
  const domains = endpoint?.Domains;
  if (!Array.isArray(domains)) return [];
  return domains.flatMap((item) => {
    const domain = (item as { Domain?: unknown } | null)?.Domain;
    const host = typeof domain === "string" ? parseHost(domain) : undefined;
    return host === undefined ? [] : [host];
  });
}
