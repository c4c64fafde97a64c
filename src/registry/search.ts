import type { Network, ProviderConfig, RegistryEntry } from "../config/config.ts";
import { Failure, restate } from "../failure/failure.ts";
import { type AcrHost, parseAcrHost } from "../host/acrHost.ts";
import { isAmong } from "../host/hostName.ts";
import type { EndpointChoice } from "../openapi/endpoints.ts";
import type { Run } from "../run/run.ts";
import type { AnnotatedInstance, Lookups, Registry, Step } from "./registry.ts";

/** One host on its way to its registry, and what may be asked for it. */
export interface Search {
  readonly run: Run;
  readonly host: string;
  /** What the host's own form says; undefined when it is none of ACR's. */
  readonly acrHost: AcrHost | undefined;
  readonly candidates: readonly Candidate[];
  readonly lookups: Lookups;
  /** Hears of every candidate considered, and why it was skipped. */
  readonly trace: (step: Step) => void;
  /** What `trace` has heard so far, for the message when nothing leads to the host. */
  readonly steps: readonly Step[];
}

/** An instance that a host may lead to: an entry of the config, or one that a service account names. */
export interface Candidate extends Omit<RegistryEntry, "path"> {
  /** What it comes from: the entry's path, or `annotation cri-…`. */
  readonly origin: string;
}

/** The config's entries in their order. */
export function entriesOf(config: ProviderConfig): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const { path, ...entry } of config.registries) candidates.push({ ...entry, origin: path });
  return candidates;
}

/** The instances that the service account names, with the config's own network and identity. */
export function annotatedOf(
  { network, identity }: ProviderConfig,
  annotatedInstances: readonly AnnotatedInstance[],
): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const instance of annotatedInstances) {
    candidates.push({ ...instance, origin: `annotation ${instance.instanceId}`, network, identity });
  }
  return candidates;
}

/** Candidates of an edition that answer for whatever hosts their instance has: those without `domains`. */
export function openCandidates({ candidates }: Search, edition: Registry["edition"]): readonly Candidate[] {
  const open: Candidate[] = [];
  for (const candidate of candidates) {
    if (editionOf(candidate) === edition && candidate.domains === undefined) open.push(candidate);
  }
  return open;
}

/** Candidates of this region before those that name no region; the others are left out. */
export function ofRegion(candidates: readonly Candidate[], regionId: string): readonly Candidate[] {
  const [near, regionless]: [Candidate[], Candidate[]] = [[], []];
  for (const candidate of candidates) {
    if (candidate.regionId === regionId) near.push(candidate);
    if (candidate.regionId === undefined) regionless.push(candidate);
  }
  return [...near, ...regionless];
}

export function editionOf({ instanceId }: Pick<Candidate, "instanceId">): Registry["edition"] {
  return instanceId === "" ? "personal" : "enterprise";
}

/** The candidate as the registry of the searched host. */
export function choose(search: Search, candidate: Candidate, regionId: string, reason: string): Registry {
  search.trace({ candidate: candidate.origin, chosen: true, reason });
  return {
    host: search.host,
    edition: editionOf(candidate),
    instanceId: candidate.instanceId,
    ...(candidate.instanceName === undefined ? {} : { instanceName: candidate.instanceName }),
    regionId,
    network: networkFor(search, candidate.network),
    identity: candidate.identity,
    ...(candidate.fixedCredentials === undefined ? {} : { fixedCredentials: candidate.fixedCredentials }),
    origin: candidate.origin,
  };
}

export function skip(search: Search, candidate: Candidate, reason: string): void {
  search.trace({ candidate: candidate.origin, chosen: false, reason });
}

/**
 * The candidate's region: its own, else the host's, else `defaultRegion`, else the node's.
 * @throws Failure when only the node could tell and does not.
 */
export async function regionOf(search: Search, candidate: Candidate): Promise<string> {
  const { run, acrHost, lookups } = search;
  const known = candidate.regionId ?? acrHost?.regionId ?? run.config.defaultRegion;
  if (known !== undefined) return known;
  try {
    return await lookups.nodeRegion(run);
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

/** The one refusal that concerns a candidate's identity only: another candidate may have another one. */
const ROLE_REFUSED = "AccessDeniedRole";

/** The first candidate whose instance has the host, or why none is known to have it. */
export async function firstOwner(
  search: Search,
  candidates: readonly Candidate[],
): Promise<{ registry: Registry } | { failure: Failure | undefined }> {
  let failure: Failure | undefined;
  for (const candidate of candidates) {
    try {
      const regionId = await regionOf(search, candidate);
      if (await owns(search, candidate, regionId)) {
        return {
          registry: choose(search, candidate, regionId, "the host is among the domains of its instance"),
        };
      }
      skip(search, candidate, "the host is not among the domains of its instance");
    } catch (error) {
      if (!(error instanceof Failure) || (error.refused && error.code !== ROLE_REFUSED)) throw error;
      failure ??= lookupFailure(search, candidate, error);
      skip(search, candidate, error.message);
    }
  }
  return { failure };
}

/**
 * Whether the candidate's instance has the host: it is among its domains, or it is another default host of the name
 * that one of its default hosts shows (a list leaves out networks that are closed, and accelerated hosts).
 * @throws Failure when the domains cannot be known.
 */
async function owns(search: Search, candidate: Candidate, regionId: string): Promise<boolean> {
  const { run, host, acrHost, lookups } = search;
  const { instanceId, identity } = candidate;
  const query = { instanceId, regionId, identity, network: networkFor(search, candidate.network) };
  const domains = await lookups.domainsOf(run, query, host);
  return isAmong(host, domains) || domains.some((domain) => isSameInstance(acrHost, parseAcrHost(domain)));
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

/** That a candidate's domains could not be learnt, with the config line that makes the question unnecessary. */
function lookupFailure({ host, acrHost }: Search, candidate: Candidate, failure: Failure): Failure {
  const { origin, instanceId, identity } = candidate;
  const who = `${origin} (${origin.includes(instanceId) ? "" : `${instanceId}, `}identity ${identity.source})`;
  const line =
    acrHost?.instanceName === undefined ? `domains: [${host}]` : `instanceName: ${acrHost.instanceName}`;
  const instead = origin.startsWith("registries")
    ? `add "${line}" to ${origin} if ${host} is its host`
    : undefined;
  return restate(failure, {
    message: `find the instance of ${host}: ${who}: ${failure.message}`,
    orRemedy: instead,
  });
}
