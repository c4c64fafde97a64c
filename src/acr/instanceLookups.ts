import { type Entry, isOfFuture } from "../cache/cache.ts";
import type { IdentityConfig } from "../config/config.ts";
import { Failure, restate } from "../failure/failure.ts";
import { parseAcrHost } from "../host/acrHost.ts";
import { isAmong } from "../host/hostName.ts";
import { type Identity, withCredentials } from "../identity/identity.ts";
import { nodeRegion } from "../identity/nodeRegion.ts";
import type { Instance, InstanceQuery, Lookups } from "../registry/registry.ts";
import { keptOrObtained, readKept } from "../run/kept.ts";
import type { Run } from "../run/run.ts";
import { configLine, findRunningInstance, runningOf } from "./findRunningInstance.ts";

/** How long (ms) the domains of an instance, and the instance of a name, are believed without asking again. */
const BELIEVED_MS = 24 * 60 * 60 * 1000;
/** What is older than that still serves for so long (ms) while the API cannot be asked. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Where a host is missing in what is remembered, the domains are asked for again once they are older than this (ms):
 * a new custom domain works after ten minutes, and images of elsewhere cost a call in ten minutes and not one a pull.
 */
const REFRESHED_AFTER_MS = 10 * 60 * 1000;

/** A name that a region's list of instances does not have is looked for again after this (ms). */
const UNKNOWN_NAME_MS = 60 * 1000;

/** For a host that may be anyone's, a failed lookup is not repeated for this long (ms). */
const FAILURE_REMEMBERED_MS = 60 * 1000;

/** Works out the identity of a config for this pull. @throws Failure */
export type Identify = (
  identity: IdentityConfig,
  place: Pick<InstanceQuery, "regionId" | "network">,
) => Promise<Identity>;

/**
 * Lookups over ACR's API, remembered in the cache. `domainsOf` takes what is remembered when it names the host, or is
 * fresh enough to say that the host is none of the instance's. What cannot be renewed is believed further.
 */
export function instanceLookups(identify: Identify): Lookups {
  return {
    domainsOf: (run, query, host) => domainsOf(run, query, host, identify),
    findInstance: (run, query) => findInstance(run, query, identify),
    nodeRegion,
  };
}

/** Every host of the instance, lower case, asked for where what is remembered is older than minutes. @throws Failure */
export function instanceDomains(
  run: Run,
  query: InstanceQuery & { readonly instanceId: string },
  identify: Identify,
): Promise<readonly string[]> {
  return domainsOf(run, query, undefined, identify);
}

async function domainsOf(
  run: Run,
  query: InstanceQuery & { readonly instanceId: string },
  host: string | undefined,
  identify: Identify,
): Promise<readonly string[]> {
  let identity: Promise<Identity> | undefined;
  const asker = () => {
    identity ??= identify(query.identity, query);
    return identity;
  };
  const key = domainsKey(run, query);
  const mayBeAnyones = host !== undefined && parseAcrHost(host) === undefined;
  const { value } = await keptOrObtained(run, {
    name: `the domains of ${query.instanceId}`,
    kind: "domains",
    key,
    subject: { instanceId: query.instanceId, regionId: query.regionId },
    // Domains are the same for everyone, but that one identity may not list them says nothing about another.
    askedAs: async () => JSON.stringify([(await asker()).key, key, mayBeAnyones]),
    ...(mayBeAnyones ? { failuresLastMs: FAILURE_REMEMBERED_MS } : {}),
    check: isListOfText,
    serves: (entry) => {
      const answers = host !== undefined && isAmong(host, entry.value);
      return ageOf(run, entry) < (answers ? BELIEVED_MS : REFRESHED_AFTER_MS);
    },
    // Old domains that the API refuses to confirm may belong to someone else by now.
    standsIn: (entry, failure) => ageOf(run, entry) < BELIEVED_MS || !isRefusedByApi(failure),
    obtain: async (within) => {
      const { listDomains } = await import("./listDomains.ts");
      const { askInstance } = await import("./instanceFailure.ts");
      const identity = await asker();
      return withCredentials(within, identity, (credentials) =>
        askInstance(within, query, identity, () => listDomains(within, query, credentials)),
      );
    },
    keptUntil: () => run.now() + REMEMBERED_MS,
  });
  return value;
}

/** The domains of an instance that the cache remembers, whatever their age; undefined when it remembers none. */
export async function rememberedDomains(
  run: Run,
  instance: { readonly instanceId: string; readonly regionId: string },
): Promise<readonly string[] | undefined> {
  const entry = await readKept(run, { kind: "domains", key: domainsKey(run, instance), check: isListOfText });
  return entry?.value;
}

function domainsKey({ config }: Run, instance: { readonly instanceId: string; readonly regionId: string }) {
  return JSON.stringify([instance.instanceId, instance.regionId, config.endpoints.acr ?? ""]);
}

async function findInstance(
  run: Run,
  query: InstanceQuery & { readonly instanceName: string },
  identify: Identify,
): Promise<string> {
  const { regionId, instanceName } = query;
  const identity = await identify(query.identity, query);
  const listing = keptOrObtained(run, {
    name: `the instances of ${regionId}`,
    kind: "instance",
    // One listing for all names: whoever may create pods can invent any number of them.
    key: JSON.stringify([identity.key, regionId, run.config.endpoints.acr ?? ""]),
    subject: { regionId, identity: identity.name },
    check: isListing,
    serves: (entry) =>
      ageOf(run, entry) < (runningOf(entry.value, instanceName).length === 1 ? BELIEVED_MS : UNKNOWN_NAME_MS),
    // The worst that an old instance leads to is a token call that is refused; that a name is unknown may have changed.
    standsIn: (entry) => runningOf(entry.value, instanceName).length === 1,
    obtain: async (within) => {
      const { listInstances } = await import("./listInstances.ts");
      const { askInstance } = await import("./instanceFailure.ts");
      return withCredentials(within, identity, (credentials) =>
        askInstance(within, query, identity, () => listInstances(within, query, credentials)),
      );
    },
    keptUntil: () => run.now() + REMEMBERED_MS,
  });
  try {
    return findRunningInstance((await listing).value, query);
  } catch (error) {
    if (!(error instanceof Failure) || error.transient || error.remedy?.includes(configLine(query)))
      throw error;
    throw restate(error, { orRemedy: configLine(query) });
  }
}

/** Milliseconds since it was obtained; what looks like of the future may be of any age, and counts as the oldest. */
function ageOf(run: Run, entry: Entry<unknown>): number {
  return isOfFuture(entry, run.now()) ? Number.POSITIVE_INFINITY : run.now() - entry.storedAt;
}

/** Whether it was the API itself that said no. */
function isRefusedByApi(failure: Failure | undefined): boolean {
  return failure !== undefined && !failure.transient && failure.details.requestId !== undefined;
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isListing(value: unknown): value is readonly Instance[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one: Partial<Instance> | null) =>
        typeof one?.id === "string" && typeof one.name === "string" && typeof one.status === "string",
    )
  );
}
