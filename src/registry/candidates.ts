import type { ProviderConfig, RegistryEntry } from "../config/config.ts";
import type { AnnotatedInstance } from "./registry.ts";

/** An instance that a host may lead to: an entry of the config, or one that a service account names. */
export interface Candidate extends Omit<RegistryEntry, "path"> {
  /** What it comes from: the entry's path, or `annotation cri-…`. */
  readonly origin: string;
}

/** The config's entries in their order, then the instances that the service account names. */
export function candidatesOf(
  config: ProviderConfig,
  annotatedInstances: readonly AnnotatedInstance[],
): readonly Candidate[] {
  const entries = config.registries.map(({ path, ...entry }) => ({ ...entry, origin: path }));
  const annotated = annotatedInstances.map((instance) => ({
    ...instance,
    origin: `annotation ${instance.instanceId}`,
    network: config.network,
    identity: config.identity,
  }));
  return [...entries, ...annotated];
}

/** Candidates that answer for whatever hosts their Enterprise instance has. */
export function openEnterprise(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ instanceId, domains }) => instanceId !== "" && domains === undefined);
}

/** Entries that answer for the Personal Edition's own hosts. */
export function openPersonal(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ instanceId, domains }) => instanceId === "" && domains === undefined);
}

/** Candidates of this region before those that name no region; the others are left out. */
export function ofRegion(candidates: readonly Candidate[], regionId: string): readonly Candidate[] {
  return [
    ...candidates.filter((candidate) => candidate.regionId === regionId),
    ...candidates.filter((candidate) => candidate.regionId === undefined),
  ];
}
