import type { RegistryEntry } from "../config/config.ts";
import { Failure } from "../failure/failure.ts";
import { asciiLowerCase } from "../host/hostName.ts";
import { nodeRegion } from "../identity/nodeRegion.ts";
import { resolveIdentity } from "../identity/resolveIdentity.ts";
import type { Run } from "../run/run.ts";
import { instanceDomains } from "./instanceLookups.ts";

/** The networks that hosts made of a name alone are named for. */
const NETWORKS = ["", "-vpc"] as const;

/**
 * The hosts of an entry, one by one: its `domains`; else those that ListInstanceEndpoint reports for the instance
 * (remembered), and where there are none or they cannot be learnt those that follow from `instanceName`; for the
 * Personal Edition the region's own.
 * @throws Failure where neither the instance's domains nor the region can be known.
 */
export async function configuredHosts(run: Run, entry: RegistryEntry): Promise<readonly string[]> {
  const { instanceId, instanceName, domains, network, identity } = entry;
  if (domains !== undefined) return domains;
  const regionId = entry.regionId ?? run.config.defaultRegion ?? (await nodeRegion(run));
  if (instanceId === "") return NETWORKS.map((kind) => `registry${kind}.${regionId}.aliyuncs.com`);
  const name = instanceName === undefined ? undefined : asciiLowerCase(instanceName);
  const byName =
    name === undefined ? [] : NETWORKS.map((kind) => `${name}-registry${kind}.${regionId}.cr.aliyuncs.com`);
  try {
    const query = { instanceId, regionId, network, identity };
    const identify = () => resolveIdentity(run, identity, { regionId, network });
    const learnt = await instanceDomains(run, query, identify);
    return learnt.length > 0 ? learnt : byName;
  } catch (error) {
    if (!(error instanceof Failure) || byName.length === 0) throw error;
    return byName;
  }
}
