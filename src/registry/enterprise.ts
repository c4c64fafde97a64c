import { discovers } from "../config/config.ts";
import { asFailure, Failure, restate } from "../failure/failure.ts";
import type { AcrHost } from "../host/acrHost.ts";
import { type Candidate, ofRegion, openEnterprise } from "./candidates.ts";
import { lookupFailure } from "./lookupFailure.ts";
import type { Registry } from "./registry.ts";
import { choose, networkFor, owns, passOver, type Search } from "./search.ts";

/**
 * The Enterprise instance behind one of its default hosts: the entry of its name, else the entry (or annotated
 * instance) whose instance owns the host, else what discovery finds. Never "not ours".
 * @throws Failure when there is none, or it cannot be known.
 */
export async function enterpriseRegistry(search: Search, acrHost: AcrHost): Promise<Registry> {
  const { instanceName = "", regionId } = acrHost;
  const open = openEnterprise(search.candidates);
  const near = ofRegion(open, regionId);
  for (const other of open) {
    if (!near.includes(other))
      passOver(search, other, `its region is ${other.regionId}, the host's ${regionId}`);
  }
  const named = near.find((candidate) => candidate.instanceName?.toLowerCase() === instanceName);
  if (named !== undefined) {
    return choose(search, named, regionId, `its instanceName is ${instanceName} and its region fits`);
  }
  const failures: Failure[] = [];
  for (const candidate of near) {
    const owner = await ownerOf(search, candidate, regionId, failures);
    if (owner !== undefined) return owner;
  }
  if (discovers(search.config)) return discover(search, acrHost);
  search.trace({ candidate: "discovery", chosen: false, reason: whyNotDiscovered(search) });
  const [failure] = failures;
  throw failure ?? unknownInstance(search, instanceName, regionId);
}

/** The candidate's registry if its instance has the host; what went wrong is added to `failures`. */
async function ownerOf(
  search: Search,
  candidate: Candidate,
  regionId: string,
  failures: Failure[],
): Promise<Registry | undefined> {
  if (candidate.instanceName !== undefined) {
    passOver(search, candidate, `its instanceName is ${candidate.instanceName}`);
    return undefined;
  }
  try {
    if (await owns(search, candidate, regionId)) {
      return choose(search, candidate, regionId, "the host is among the domains of its instance");
    }
    passOver(search, candidate, "the host is not among the domains of its instance");
  } catch (error) {
    failures.push(lookupFailure(search, candidate, error));
    passOver(search, candidate, asFailure(error).message);
  }
  return undefined;
}

function whyNotDiscovered({ config }: Search): string {
  return config.discovery === "never"
    ? "discovery is never"
    : "discovery is auto, and registries has entries";
}

/** The instance of this name in the host's region, by ListInstance with the top-level identity. */
async function discover(search: Search, { instanceName = "", regionId }: AcrHost): Promise<Registry> {
  const { config, host, lookups } = search;
  const query = {
    instanceName,
    regionId,
    identity: config.identity,
    network: networkFor(search, config.network),
  };
  try {
    const { instanceId } = await lookups.findInstance(query);
    const found = { ...query, origin: "discovery", instanceId, network: config.network };
    return choose(search, found, regionId, `ListInstance knows ${instanceName} as ${instanceId}`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    search.trace({ candidate: "discovery", chosen: false, reason: error.message });
    const who = `discovery (identity ${config.identity.source})`;
    throw restate(error, { message: `find the instance of ${host}: ${who}: ${error.message}` });
  }
}

function unknownInstance({ host, config }: Search, instanceName: string, regionId: string): Failure {
  const cause =
    config.registries.length === 0
      ? "discovery is never and registries is empty"
      : "no entry of registries leads to it, and discovery is off";
  return new Failure(`find the instance of ${host}: ${cause}`, {
    code: "InstanceNotConfigured",
    remedy: `add to registries: "- {instanceId: cri-…, instanceName: ${instanceName}, regionId: ${regionId}}", or set discovery: always`,
  });
}
