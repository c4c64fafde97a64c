import type { Failure } from "../failure/failure.ts";
import { asFailure } from "../failure/failure.ts";
import { mayBeCustomDomain } from "../host/foreignHosts.ts";
import { openEnterprise } from "./candidates.ts";
import { lookupFailure } from "./lookupFailure.ts";
import type { Registry } from "./registry.ts";
import { choose, owns, passOver, regionOf, type Search } from "./search.ts";

/**
 * The Enterprise instance that has the host as a custom domain, or undefined when none of the candidates has.
 * @throws Failure when none is known to have it and the domains of one could not be learnt.
 */
export async function customDomainRegistry(search: Search): Promise<Registry | undefined> {
  if (!mayBeCustomDomain(search.host)) {
    search.trace({
      candidate: "host",
      chosen: false,
      reason: "it is none of ACR's, nor can it be a custom domain",
    });
    return undefined;
  }
  const open = openEnterprise(search.candidates);
  if (open.length === 0) {
    const reason = "no entry names it, nor is there one without domains that could have it as custom domain";
    search.trace({ candidate: "host", chosen: false, reason });
  }
  let failure: Failure | undefined;
  for (const candidate of open) {
    try {
      const regionId = await regionOf(search, candidate);
      if (await owns(search, candidate, regionId)) {
        return choose(search, candidate, regionId, "the host is among the domains of its instance");
      }
      passOver(search, candidate, "the host is not among the domains of its instance");
    } catch (error) {
      failure ??= lookupFailure(search, candidate, error);
      passOver(search, candidate, asFailure(error).message);
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}
