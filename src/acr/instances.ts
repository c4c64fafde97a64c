import type { Entry } from "../cache/cache.ts";
import type { IdentityConfig } from "../config/config.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { parseAcrHost } from "../host/acrHost.ts";
import { comparableHost } from "../host/hostName.ts";
import type { Identity } from "../identity/identity.ts";
import { withCredentials } from "../identity/withCredentials.ts";
import type { InstanceQuery, Lookups } from "../registry/registry.ts";
import { byOneProcess } from "../run/byOneProcess.ts";
import { inShort } from "../run/inShort.ts";
import { recalledFailure, rememberFailure } from "../run/rememberedFailure.ts";
import type { Run } from "../run/run.ts";

/** How long (ms) the domains of an instance, and the instance of a name, are believed without asking again. */
const BELIEVED_MS = 24 * 60 * 60 * 1000;
/** What is older than that still serves for so long (ms) while the API cannot be asked. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Where a host is missing in what is remembered, the domains are asked for again once they are older than this (ms):
 * a new custom domain works after ten minutes, and images of elsewhere cost a call in ten minutes and not one a pull.
 */
const REFRESHED_AFTER_MS = 10 * 60 * 1000;

/** For a host that may be anybody's, a failed lookup is not repeated for this long (ms). */
const FAILURE_REMEMBERED_MS = 60 * 1000;

/** Works out the identity of a config for this pull. @throws Failure */
export type Identify = (
  within: Run,
  identity: IdentityConfig,
  query: Pick<InstanceQuery, "regionId" | "network">,
) => Promise<Identity>;

/**
 * Lookups over ACR's API, remembered in the cache. `domainsOf` takes what is remembered when it names the host, or is
 * fresh enough to say that the host is none of the instance's. What cannot be renewed is believed further.
 */
export function instanceLookups(run: Run, identify: Identify): Lookups {
  return {
    async domainsOf(query, host) {
      const key = JSON.stringify([query.instanceId, query.regionId, run.config.endpoints.acr ?? ""]);
      const kept = await run.cache.get("domains", key, isListOfText);
      if (kept !== undefined) {
        const known = kept.value.some((domain) => comparableHost(domain) === comparableHost(host));
        if (ageOf(run, kept) < (known ? BELIEVED_MS : REFRESHED_AFTER_MS)) return kept.value;
      }
      const ask = (within: Run) => askForDomains(within, { ...query, host, key }, identify);
      return renewed(run, kept, "domains", query.instanceId, ask);
    },

    async findInstance(query) {
      const identity = await identify(run, query.identity, query);
      const { regionId, instanceName } = query;
      const key = JSON.stringify([identity.key, regionId, instanceName, run.config.endpoints.acr ?? ""]);
      const kept = await run.cache.get("instance", key, isInstanceId);
      if (kept !== undefined && ageOf(run, kept) < BELIEVED_MS) return { instanceId: kept.value };
      const ask = (within: Run) => askForInstance(within, { ...query, key }, identify);
      return { instanceId: await renewed(run, kept, "instance", instanceName, ask) };
    },
  };
}

function ageOf(run: Run, { storedAt }: Entry<unknown>): number {
  return run.now() - storedAt;
}

/** Whether it was the API itself that said no. */
function isRefusedByApi({ transient, details }: Failure): boolean {
  return !transient && details.requestId !== undefined;
}

/**
 * What `ask` finds; where that fails, what was kept. Not so `domains` of old that the API refuses to confirm: they may
 * have gone to somebody else. An instance of old only leads to a token call, which will tell.
 */
async function renewed<Value>(
  run: Run,
  kept: Entry<Value> | undefined,
  kind: "domains" | "instance",
  name: string,
  ask: (within: Run) => Promise<Value>,
): Promise<Value> {
  if (kept === undefined) return ask(run);
  try {
    return await ask(inShort(run));
  } catch (error) {
    const failure = asFailure(error);
    if (kind === "domains" && ageOf(run, kept) >= BELIEVED_MS && isRefusedByApi(failure)) throw failure;
    run.record.warnings.push(`the ${kind} of ${name} could not be refreshed: ${failure.message}`);
    return kept.value;
  }
}

type NamedQuery = InstanceQuery & { readonly instanceName: string; readonly key: string };

async function askForInstance(run: Run, query: NamedQuery, identify: Identify): Promise<string> {
  const identity = await identify(run, query.identity, query);
  return byOneProcess(run, {
    kind: "instance",
    key: query.key,
    kept: async () => {
      const kept = await run.cache.get("instance", query.key, isInstanceId);
      return kept !== undefined && ageOf(run, kept) < BELIEVED_MS ? kept.value : undefined;
    },
    obtain: async () => {
      const { findRunningInstance } = await import("./instanceByName.ts");
      const found = await withCredentials(identity, (credentials) =>
        findRunningInstance(run, query, credentials),
      );
      await run.cache.put("instance", query.key, found, run.now() + REMEMBERED_MS);
      return found;
    },
  });
}

type DomainsQuery = InstanceQuery & {
  readonly instanceId: string;
  readonly host: string;
  readonly key: string;
};

async function askForDomains(run: Run, query: DomainsQuery, identify: Identify): Promise<readonly string[]> {
  const identity = await identify(run, query.identity, query);
  const startedAt = run.now();
  // Domains are the same for everybody, but that one identity may not list them says nothing about another.
  const key = JSON.stringify([identity.key, query.key]);
  const mayBeAnybodys = parseAcrHost(query.host) === undefined;
  const recalled = mayBeAnybodys ? await recalledFailure(run, key, 0) : undefined;
  if (recalled !== undefined) throw recalled;
  try {
    return await byOneProcess(run, {
      kind: "domains",
      key,
      kept: async () => {
        const kept = await run.cache.get("domains", query.key, isListOfText);
        return kept !== undefined && kept.storedAt >= startedAt ? kept.value : undefined;
      },
      obtain: async () => {
        const { listDomains } = await import("./instanceDomains.ts");
        const domains = await withCredentials(identity, (credentials) =>
          listDomains(run, query, credentials),
        );
        await run.cache.put("domains", query.key, domains, run.now() + REMEMBERED_MS);
        return domains;
      },
    });
  } catch (error) {
    if (mayBeAnybodys && error instanceof Failure) {
      await rememberFailure(run, key, error, FAILURE_REMEMBERED_MS);
    }
    throw error;
  }
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isInstanceId(value: unknown): value is string {
  return typeof value === "string" && /^cri-[a-z0-9]+$/.test(value);
}
