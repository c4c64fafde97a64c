import { rememberedDomains as domainsInCache } from "../../acr/instanceLookups.ts";
import type { RegistryEntry } from "../../config/config.ts";
import { Failure } from "../../failure/failure.ts";
import { parseAcrHost } from "../../host/acrHost.ts";
import { mayBeCustomDomain } from "../../host/foreignHosts.ts";
import { nodeRegion } from "../../identity/nodeRegion.ts";
import { hasUnknownDomains } from "../../kubelet/matchImages/matchImages.ts";
import { offline } from "../../run/offline.ts";
import type { Run } from "../../run/run.ts";

/**
 * What the cache remembers of the hosts of instances of entries without `domains`: custom domains, and default hosts of
 * whatever form. Asks no one.
 */
export async function rememberedDomains(run: Run): Promise<Map<RegistryEntry, readonly string[]>> {
  const learnt = new Map<RegistryEntry, readonly string[]>();
  for (const entry of run.config.registries.filter(hasUnknownDomains)) {
    const regionId = await regionOf(run, entry);
    if (regionId === undefined) continue;
    const domains = await domainsInCache(run, { instanceId: entry.instanceId, regionId });
    if (domains !== undefined) learnt.set(entry, domains.filter(mayBeInstances));
  }
  return learnt;
}

/** Whether the plugin would answer for it: the API's word on other hosts does not count. */
function mayBeInstances(host: string): boolean {
  return mayBeCustomDomain(host) || parseAcrHost(host)?.edition === "enterprise";
}

/** The entry's region, the node's where that is remembered, or undefined. */
async function regionOf(run: Run, { regionId }: RegistryEntry): Promise<string | undefined> {
  const known = regionId ?? run.config.defaultRegion;
  if (known !== undefined) return known;
  try {
    return await nodeRegion(offline(run));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
