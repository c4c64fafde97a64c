import type { IdentityConfig } from "../config/config.ts";
import { comparableHost } from "../config/values.ts";
import { Failure } from "../failure/failure.ts";
import type { Identity } from "../identity/identity.ts";
import { withCredentials } from "../identity/withCredentials.ts";
import { parseAcrHost } from "../registry/hosts.ts";
import type { InstanceQuery, Lookups } from "../registry/registry.ts";
import { byOneProcess } from "../run/byOneProcess.ts";
import { recalledFailure, rememberFailure } from "../run/rememberedFailure.ts";
import type { Run } from "../run/run.ts";

/** How long (ms) the domains of an instance, and the instance of a name, are believed. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/**
 * Where a host is missing in what is remembered, the domains are asked for again once they are older than this (ms):
 * a new custom domain works after ten minutes, and images of elsewhere cost a call in ten minutes and not one a pull.
 */
const REFRESHED_AFTER_MS = 10 * 60 * 1000;

/** For a host that may be anybody's, a failed lookup is not repeated for this long (ms). */
const FAILURE_REMEMBERED_MS = 60 * 1000;

/** Works out the identity of a config for this pull. @throws Failure */
export type Identify = (
  identity: IdentityConfig,
  query: Pick<InstanceQuery, "regionId" | "network">,
) => Promise<Identity>;

/**
 * Lookups over ACR's API, remembered in the cache. `domainsOf` takes what is remembered when it names the host, or is
 * fresh enough to say that the host is none of the instance's; when it cannot be renewed, it still says so.
 */
export function instanceLookups(run: Run, identify: Identify): Lookups {
  return {
    async domainsOf(query, host) {
      const key = JSON.stringify([query.instanceId, query.regionId, run.config.endpoints.acr ?? ""]);
      const kept = await run.cache.get("domains", key, isListOfText);
      if (kept !== undefined) {
        const known = kept.value.some((domain) => comparableHost(domain) === comparableHost(host));
        if (known || run.now() - kept.storedAt < REFRESHED_AFTER_MS) return kept.value;
      }
      try {
        return await askForDomains(run, { ...query, host, key }, identify);
      } catch (error) {
        if (kept === undefined || !(error instanceof Failure)) throw error;
        run.record.warnings.push(
          `the domains of ${query.instanceId} could not be refreshed: ${error.message}`,
        );
        return kept.value;
      }
    },

    async findInstance(query) {
      const identity = await identify(query.identity, query);
      const { regionId, instanceName } = query;
      const key = JSON.stringify([identity.key, regionId, instanceName, run.config.endpoints.acr ?? ""]);
      const kept = await run.cache.get("instance", key, isInstanceId);
      if (kept !== undefined) return { instanceId: kept.value };
      const instanceId = await byOneProcess(run, {
        kind: "instance",
        key,
        kept: async () => (await run.cache.get("instance", key, isInstanceId))?.value,
        obtain: async () => {
          const { findRunningInstance } = await import("./instanceByName.ts");
          const found = await withCredentials(identity, (credentials) =>
            findRunningInstance(run, query, credentials),
          );
          await run.cache.put("instance", key, found, run.now() + REMEMBERED_MS);
          return found;
        },
      });
      return { instanceId };
    },
  };
}

type DomainsQuery = InstanceQuery & {
  readonly instanceId: string;
  readonly host: string;
  readonly key: string;
};

async function askForDomains(run: Run, query: DomainsQuery, identify: Identify): Promise<readonly string[]> {
  const identity = await identify(query.identity, query);
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
