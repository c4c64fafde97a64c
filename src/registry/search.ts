import type { Network, ProviderConfig } from "../config/config.ts";
import { Failure, restate } from "../failure/failure.ts";
import { type AcrHost, parseAcrHost } from "../host/acrHost.ts";
import { comparableHost } from "../host/hostName.ts";
import type { EndpointChoice } from "../openapi/endpoints.ts";
import type { Candidate } from "./candidates.ts";
import type { Lookups, Registry, Step } from "./registry.ts";

/** One host on its way to its registry, and what may be asked for it. */
export interface Search {
  readonly host: string;
  /** What the host's own form says; undefined when it is none of ACR's. */
  readonly acrHost: AcrHost | undefined;
  readonly config: ProviderConfig;
  readonly candidates: readonly Candidate[];
  readonly lookups: Lookups;
  /** The region that the node is in, by the metadata service. @throws Failure */
  nodeRegion(): Promise<string>;
  trace(step: Step): void;
}

/** The candidate as the registry of the searched host. */
export function choose(search: Search, candidate: Candidate, regionId: string, reason: string): Registry {
  search.trace({ candidate: candidate.origin, chosen: true, reason });
  return {
    host: search.host,
    edition: candidate.instanceId === "" ? "personal" : "enterprise",
    instanceId: candidate.instanceId,
    ...(candidate.instanceName === undefined ? {} : { instanceName: candidate.instanceName }),
    regionId,
    network: networkFor(search, candidate.network),
    identity: candidate.identity,
    ...(candidate.fixedCredentials === undefined ? {} : { fixedCredentials: candidate.fixedCredentials }),
    origin: candidate.origin,
  };
}

export function passOver(search: Search, candidate: Candidate, reason: string): void {
  search.trace({ candidate: candidate.origin, chosen: false, reason });
}

/**
 * The candidate's region: its own, else the host's, else `defaultRegion`, else the node's.
 * @throws Failure when only the node could tell and does not.
 */
export async function regionOf(search: Search, candidate: Candidate): Promise<string> {
  const known = candidate.regionId ?? search.acrHost?.regionId ?? search.config.defaultRegion;
  if (known !== undefined) return known;
  try {
    return await search.nodeRegion();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw restate(error, {
      message: `find the region of ${candidate.origin}: ${error.message}`,
      remedy: candidate.origin.startsWith("registries")
        ? `add regionId to ${candidate.origin}, or set defaultRegion`
        : "write the annotation as REGION:cri-…, or set defaultRegion",
    });
  }
}

/**
 * Whether the candidate's instance has the host: it is among its domains, or it is another default host of the name
 * that one of its default hosts shows (a list leaves out networks that are closed, and accelerated hosts).
 * @throws Failure when the domains cannot be known.
 */
export async function owns(search: Search, candidate: Candidate, regionId: string): Promise<boolean> {
  const { instanceId, identity } = candidate;
  const query = { instanceId, regionId, identity, network: networkFor(search, candidate.network) };
  const domains = await search.lookups.domainsOf(query, search.host);
  const wanted = comparableHost(search.host);
  return domains.some(
    (domain) => comparableHost(domain) === wanted || isSameInstance(search.acrHost, parseAcrHost(domain)),
  );
}

function isSameInstance(one: AcrHost | undefined, other: AcrHost | undefined): boolean {
  return (
    one?.edition === "enterprise" &&
    other?.edition === "enterprise" &&
    one.instanceName === other.instanceName &&
    one.regionId === other.regionId
  );
}

/** `auto` becomes `vpcFirst` for a host that leads into the VPC. */
export function networkFor({ acrHost }: Pick<Search, "acrHost">, configured: Network): EndpointChoice {
  const inside = acrHost !== undefined && acrHost.network !== "public";
  return configured === "auto" && inside ? "vpcFirst" : configured;
}
