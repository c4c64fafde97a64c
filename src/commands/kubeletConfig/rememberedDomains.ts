import { existsSync } from "node:fs";
import { instanceLookups } from "../../acr/instances.ts";
import type { RegistryEntry } from "../../config/config.ts";
import { Failure } from "../../failure/failure.ts";
import { mayBeCustomDomain } from "../../host/foreignHosts.ts";
import { nodeRegion } from "../../identity/nodeRegion.ts";
import { hasUnknownDomains } from "../../registry/matchImages.ts";
import { OFFLINE, offline } from "../../run/offline.ts";
import type { Run } from "../../run/run.ts";

/** The custom domains that the cache remembers of the instances of entries without `domains`. Asks nobody. */
export async function rememberedDomains(run: Run): Promise<Map<RegistryEntry, readonly string[]>> {
  const { cache, registries } = run.config;
  const learnt = new Map<RegistryEntry, readonly string[]>();
  // Looking into the cache would make its directory, for whoever runs this.
  if (!cache.enabled || !existsSync(cache.directory)) return learnt;
  for (const entry of registries.filter(hasUnknownDomains)) {
    const domains = await unlessOffline(domainsOf(offline(run), entry));
    if (domains !== undefined) learnt.set(entry, domains.filter(mayBeCustomDomain));
  }
  return learnt;
}

async function domainsOf(run: Run, { instanceId, regionId, network, identity }: RegistryEntry) {
  const region = regionId ?? run.config.defaultRegion ?? (await nodeRegion(run));
  const lookups = instanceLookups(run, async () => {
    throw new Failure("the domains would have to be asked for", { code: OFFLINE });
  });
  return lookups.domainsOf({ instanceId, regionId: region, network, identity }, "");
}

async function unlessOffline<Value>(value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
