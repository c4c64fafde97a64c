import { discovers, type RegistryEntry } from "../config/config.ts";
import { Failure, restate } from "../failure/failure.ts";
import type { AcrHost } from "../host/acrHost.ts";
import type { Registry } from "./registry.ts";
import { choose, firstOwner, networkFor, ofRegion, openCandidates, type Search, skip } from "./search.ts";

/**
 * The Enterprise instance behind one of its default hosts: the entry of its name, else the entry (or annotated
 * instance) whose instance owns the host, else what discovery finds. Never "not ours".
 * @throws Failure when there is none, or it cannot be known.
 */
export async function enterpriseRegistry(search: Search, acrHost: AcrHost): Promise<Registry> {
  const { instanceName = "", regionId } = acrHost;
  const open = openCandidates(search, "enterprise");
  const near = ofRegion(open, regionId);
  for (const other of open) {
    if (!near.includes(other)) skip(search, other, `its region is ${other.regionId}, the host's ${regionId}`);
  }
  for (const candidate of near) {
    if (candidate.instanceName?.toLowerCase() !== instanceName) continue;
    return choose(search, candidate, regionId, `its instanceName is ${instanceName} and its region fits`);
  }
  const nameless = near.filter((candidate) => candidate.instanceName === undefined);
  for (const other of near) {
    if (!nameless.includes(other)) skip(search, other, `its instanceName is ${other.instanceName}`);
  }
  const owner = await firstOwner(search, nameless);
  if ("registry" in owner) return owner.registry;
  if (discovers(search.run.config)) return discover(search, acrHost);
  search.trace({ candidate: "discovery", chosen: false, reason: whyNotDiscovered(search) });
  throw owner.failure ?? unknownInstance(search, instanceName, regionId);
}

function whyNotDiscovered({ run: { config } }: Search): string {
  return config.discovery === "never"
    ? "discovery is never"
    : "discovery is auto, and registries has entries";
}

/** The instance of this name in the host's region, by ListInstance with the top-level identity. */
async function discover(search: Search, { instanceName = "", regionId }: AcrHost): Promise<Registry> {
  const { run, host, lookups } = search;
  const { identity, network } = run.config;
  const query = { instanceName, regionId, identity };
  try {
    const instanceId = await lookups.findInstance(run, { ...query, network: networkFor(search, network) });
    const found = { ...query, origin: "discovery", instanceId, network };
    return choose(search, found, regionId, `ListInstance knows ${instanceName} as ${instanceId}`);
  } catch (error) {
    if (!(error instanceof Failure) || error.refused) throw error;
    search.trace({ candidate: "discovery", chosen: false, reason: error.message });
    const who = `discovery (identity ${identity.source})`;
    throw restate(error, { message: `find the instance of ${host}: ${who}: ${error.message}` });
  }
}

/** This many entries go into the one line of a failure; `explain` shows all. */
const ENTRIES_IN_A_LINE = 3;

/** Why each entry was skipped, and what to change: the entry that is nearest to the host, or a line to add. */
function unknownInstance(search: Search, instanceName: string, regionId: string): Failure {
  const { host, steps, run } = search;
  const skipped = steps.filter(({ candidate }) => candidate !== "discovery");
  const shown = skipped.slice(0, ENTRIES_IN_A_LINE).map(({ candidate, reason }) => `${candidate}: ${reason}`);
  if (skipped.length > shown.length) shown.push(`and ${skipped.length - shown.length} more`);
  const cause =
    skipped.length === 0
      ? "discovery is never and registries is empty"
      : `no entry of registries leads to it (${shown.join("; ")}), and discovery is off`;
  const line = `add to registries: "- {instanceId: cri-…, instanceName: ${instanceName}, regionId: ${regionId}}"`;
  const [only] = run.config.registries.length === 1 ? run.config.registries : [];
  const instead = only === undefined ? undefined : correction(search, only, { instanceName, regionId });
  return new Failure(`find the instance of ${host}: ${cause}`, {
    code: "InstanceNotConfigured",
    remedy: instead === undefined ? `${line}, or set discovery: always` : `${instead}, otherwise ${line}`,
  });
}

/** What to correct in the one entry there is, if it is meant; undefined where another entry is clearly needed. */
function correction(
  { host }: Search,
  entry: RegistryEntry,
  { instanceName, regionId }: { instanceName: string; regionId: string },
): string | undefined {
  const { path, instanceId, domains, regionId: own } = entry;
  const isOther = entry.instanceName !== undefined && entry.instanceName.toLowerCase() !== instanceName;
  if (instanceId === "" || isOther) return undefined;
  const ifMeant = `if ${instanceId} is its instance`;
  if (domains !== undefined) return `add ${host} to ${path}.domains ${ifMeant}`;
  if (own !== undefined && own !== regionId) return `set ${path}.regionId to ${regionId} ${ifMeant}`;
  return undefined;
}
