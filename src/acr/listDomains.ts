import { Failure } from "../failure/failure.ts";
import { parseHost } from "../host/hostName.ts";
import type { RamCredentials } from "../identity/identity.ts";
import { callOpenApi } from "../openapi/call.ts";
import type { InstanceQuery } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";

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
  const answer = await callOpenApi(run, {
    product: "cr",
    action: "ListInstanceEndpoint",
    version: "2018-12-01",
    method: "POST",
    path: "/",
    query: { InstanceId: query.instanceId, ModuleName: "Registry", Summary: "true" },
    regionId: query.regionId,
    network: query.network,
    credentials,
  });
  const endpoints = answer.Endpoints;
  if (!Array.isArray(endpoints)) throw invalid("list of endpoints");
  const domains = endpoints.flatMap(domainsOfEndpoint);
  if (domains.length === 0 && endpoints.some(namesDomains)) throw invalid("domain that is one");
  return [...new Set(domains)].slice(0, MAX_DOMAINS);
}

function invalid(what: string): Failure {
  return new Failure(`ListInstanceEndpoint: the answer holds no ${what}`, {
    code: "ResponseInvalid",
    api: "ListInstanceEndpoint",
    transient: true,
    remedy: "check the API endpoint, and whatever stands between the node and it",
  });
}

function namesDomains(endpoint: unknown): boolean {
  const domains = (endpoint as { Domains?: unknown } | null)?.Domains;
  return Array.isArray(domains) && domains.length > 0;
}

function domainsOfEndpoint(endpoint: unknown): string[] {
  const domains = (endpoint as { Domains?: unknown } | null)?.Domains;
  if (!Array.isArray(domains)) return [];
  return domains.flatMap((item) => {
    const domain = (item as { Domain?: unknown } | null)?.Domain;
    const host = typeof domain === "string" ? parseHost(domain) : undefined;
    return host === undefined ? [] : [host];
  });
}
