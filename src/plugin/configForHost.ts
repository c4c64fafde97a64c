import { assumesAsServiceAccount, type ProviderConfig } from "../config/config.ts";
import type { Lookups } from "../registry/registry.ts";
import { resolveRegistry } from "../registry/resolveRegistry.ts";
import type { Run } from "../run/run.ts";

/**
 * The config with none of its registries but the one that the host leads to; undefined where more than the config
 * decides which one that is, or where the others have a say in what becomes of a pull.
 */
export async function configForHost(
  run: Run,
  config: ProviderConfig,
  host: string,
): Promise<ProviderConfig | undefined> {
  if (config.serviceAccountAnnotations.enabled) return undefined;
  const chosen = await chosenByConfig({ ...run, config }, host);
  const own = config.registries.filter(({ path }) => path === chosen?.origin);
  const small = { ...config, registries: own };
  if (own.length === 0 || assumesAsServiceAccount(small) !== assumesAsServiceAccount(config))
    return undefined;
  return small;
}

async function chosenByConfig(run: Run, host: string) {
  try {
    return await resolveRegistry(run, host, { annotatedInstances: () => [], lookups: noLookups });
  } catch {
    return undefined;
  }
}

async function refused(): Promise<never> {
  throw new Error("only the config is asked");
}

const noLookups: Lookups = { domainsOf: refused, findInstance: refused, nodeRegion: refused };
