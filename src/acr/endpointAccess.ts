import { parseAcrHost } from "../host/acrHost.ts";
import { isAmong } from "../host/hostName.ts";
import type { RamCredentials } from "../identity/identity.ts";
import type { InstanceQuery } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";
import { domainsOfEndpoint } from "./listDomains.ts";
import { listEndpoints, type RawEndpoint } from "./listEndpoints.ts";

/** Who is let in by one endpoint of an instance. */
export interface EndpointAccess {
  /** `internet`, `vpc`. */
  readonly type: string;
  readonly enabled: boolean;
  readonly domains: readonly string[];
  /** The networks of the access list; undefined where it is off. */
  readonly admitted?: readonly string[];
  readonly vpcs: readonly string[];
}

/** Every endpoint of an instance with who is let in. @throws Failure of the call. */
export async function endpointAccess(
  run: Run,
  query: Omit<InstanceQuery, "identity"> & { readonly instanceId: string },
  credentials: RamCredentials,
): Promise<readonly EndpointAccess[]> {
  const endpoints = await listEndpoints(run, query, credentials, { summary: false });
  return endpoints.map((endpoint) => {
    const isListed = endpoint?.AclEnable === true || endpoint?.AclEnable === "true";
    return {
      type: typeof endpoint?.EndpointType === "string" ? shown(endpoint.EndpointType) : "unknown",
      enabled: endpoint?.Enable !== false && endpoint?.Enable !== "false",
      domains: domainsOfEndpoint(endpoint),
      vpcs: textsOf(endpoint, "LinkedVpcs", "VpcId"),
      ...(isListed ? { admitted: textsOf(endpoint, "AclEntries", "Entry") } : {}),
    };
  });
}

/** The endpoint that a host leads to: the one with it among its domains, else the one of its kind of network. */
export function endpointOf(host: string, endpoints: readonly EndpointAccess[]): EndpointAccess | undefined {
  const named = endpoints.find(({ domains }) => isAmong(host, domains));
  const network = parseAcrHost(host)?.network;
  if (named !== undefined || network === undefined) return named;
  return endpoints.find(({ type }) => type === (network === "public" ? "internet" : "vpc"));
}

function textsOf(endpoint: RawEndpoint, list: string, field: string): readonly string[] {
  const items = endpoint?.[list];
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: Record<string, unknown> | null) => {
    const text = item?.[field];
    return typeof text === "string" && shown(text) === text ? [text] : [];
  });
}

/** Networks, IDs of VPCs and types are of these characters. */
function shown(text: string): string {
  return text.replace(/[^\w./:-]/g, "").slice(0, 60);
}
