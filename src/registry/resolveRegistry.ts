import { Failure } from "../failure/failure.ts";
import { parseAcrHost } from "../host/acrHost.ts";
import { mayBeCustomDomain } from "../host/foreignHosts.ts";
import { isAmong } from "../host/hostName.ts";
import type { Run } from "../run/run.ts";
import { enterpriseRegistry } from "./enterpriseRegistry.ts";
import type { AnnotatedInstance, Lookups, Registry, Step } from "./registry.ts";
import {
  annotatedOf,
  choose,
  editionOf,
  entriesOf,
  ofRegion,
  openCandidates,
  regionOf,
  type Search,
  skip,
} from "./search.ts";

export interface Resolution {
  /**
   * From the service account's `k8s.aliyun.com/acr-instance-ids`; empty unless annotations are enabled. Called only for
   * a host that may be ours: a malformed annotation does not concern the images of others.
   * @throws Failure of an annotation that is malformed.
   */
  readonly annotatedInstances: () => readonly AnnotatedInstance[];
  readonly lookups: Lookups;
  /** Hears of every candidate considered, and why it was skipped. */
  readonly trace?: (step: Step) => void;
}

/**
 * The registry behind a host `host[:port]`, or undefined when it is none of this config (contract, section 4).
 * In order: entries that name the host in `domains`; by the host's own form an Enterprise instance (by name, by its
 * domains, by discovery) or the region's Personal Edition; for any other host the instances, of entries without
 * `domains` and of annotations, that have it as custom domain.
 *
 * Whether an unknown host is a custom domain is learnt from the instance's list of domains, which is asked for only
 * where there is such a candidate, and never for a host that cannot be one (`mayBeCustomDomain`). Where the list
 * cannot be had, that is a failure and not "not ours": the kubelet then pulls without credentials as it would have
 * done anyway, but says in its log why, and "not ours" would hide a permission that is missing.
 *
 * @throws Failure when the host is ACR's but its instance cannot be found, or a lookup fails.
 */
export async function resolveRegistry(
  run: Run,
  host: string,
  { annotatedInstances, lookups, trace = () => {} }: Resolution,
): Promise<Registry | undefined> {
  const acrHost = parseAcrHost(host);
  const steps: Step[] = [];
  const entries: Search = {
    run,
    host,
    acrHost,
    candidates: entriesOf(run.config),
    lookups,
    steps,
    trace: (step) => {
      steps.push(step);
      trace(step);
    },
  };
  const named = await byDomains(entries);
  if (named !== undefined) return named;
  if (acrHost === undefined && !mayBeCustomDomain(host)) {
    trace({ candidate: "host", chosen: false, reason: "it is none of ACR's, nor can it be a custom domain" });
    return undefined;
  }
  const annotated = annotatedOf(run.config, annotatedInstances());
  const search: Search = { ...entries, candidates: [...entries.candidates, ...annotated] };
  skipOtherEdition(search);
  switch (acrHost?.edition) {
    case "enterprise":
      return enterpriseRegistry(search, acrHost);
    case "personal":
      return personalRegistry(search, acrHost.regionId);
    case "newPersonal":
      throw unconfiguredNewPersonal(host);
    default:
      return (await import("./customDomainRegistry.ts")).customDomainRegistry(search);
  }
}

/** Step 1: the entry that names the host. */
async function byDomains(search: Search): Promise<Registry | undefined> {
  for (const candidate of search.candidates) {
    if (candidate.domains === undefined) continue;
    if (isAmong(search.host, candidate.domains)) {
      const regionless = candidate.fixedCredentials !== undefined;
      const known = candidate.regionId ?? search.acrHost?.regionId ?? search.run.config.defaultRegion;
      const regionId = known ?? (regionless ? "" : await regionOf(search, candidate));
      return choose(search, candidate, regionId, "its domains name the host");
    }
    skip(search, candidate, "its domains do not name the host");
  }
  return undefined;
}

/** Entries without `domains` that hosts of this form never lead to. */
function skipOtherEdition(search: Search): void {
  const { acrHost, candidates } = search;
  const reasons = {
    enterprise: "it is an Enterprise Edition instance",
    personal: "it is the Personal Edition",
  };
  for (const candidate of candidates) {
    const edition = editionOf(candidate);
    const fits = edition === (acrHost?.edition ?? "enterprise");
    if (candidate.domains === undefined && !fits) {
      const host =
        acrHost?.edition === "newPersonal"
          ? ", and hosts crpi-… must be named in domains"
          : ", the host is not";
      skip(search, candidate, `${reasons[edition]}${host}`);
    }
  }
}

/** Step 3: the Personal Edition of the host's region. */
function personalRegistry(search: Search, regionId: string): Registry | undefined {
  const entries = openCandidates(search, "personal");
  const [entry] = ofRegion(entries, regionId);
  for (const other of entries) {
    if (other.regionId !== undefined && other.regionId !== regionId) {
      skip(search, other, `its region is ${other.regionId}, the host's ${regionId}`);
    } else if (other !== entry) {
      skip(search, other, `${entry?.origin} comes first for ${regionId}`);
    }
  }
  if (entry !== undefined)
    return choose(search, entry, regionId, `it is the Personal Edition of ${regionId}`);
  const { config } = search.run;
  if (config.registries.length > 0) {
    search.trace({
      candidate: "implied",
      chosen: false,
      reason: "registries has entries, none for this host",
    });
    return undefined;
  }
  const implied = { origin: "implied", instanceId: "", network: config.network, identity: config.identity };
  return choose(search, implied, regionId, "registries is empty: the Personal Edition of every region");
}

/** Step 5: no token API is documented for these hosts, so one must be asked for on purpose. */
function unconfiguredNewPersonal(host: string): Failure {
  return new Failure(
    `find the instance of ${host}: Alibaba Cloud documents no token API for Personal Edition instances with a host of their own`,
    {
      code: "PersonalInstanceNotConfigured",
      remedy:
        `either try the Personal Edition's API with an entry of registries "- domains: [${host}]", ` +
        `or keep a user name and password on the node with "- {domains: [${host}], fixedCredentials: ` +
        '{directory: /etc/aliyun-acr-credential-provider/fixed}}" and its files username and password',
    },
  );
}
