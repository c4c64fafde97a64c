import type { Registry } from "./registry.ts";
import { firstOwner, openCandidates, type Search } from "./search.ts";

/**
 * The Enterprise instance that has the host as a custom domain, or undefined when none of the candidates has.
 * @throws Failure when none is known to have it and the domains of one could not be learnt.
 */
export async function customDomainRegistry(search: Search): Promise<Registry | undefined> {
  const open = openCandidates(search, "enterprise");
  if (open.length === 0) {
    const reason = "no entry names it, nor is there one without domains that could have it as custom domain";
    search.trace({ candidate: "host", chosen: false, reason });
  }
  const owner = await firstOwner(search, open);
  if ("registry" in owner) return owner.registry;
  if (owner.failure !== undefined) throw owner.failure;
  return undefined;
}
