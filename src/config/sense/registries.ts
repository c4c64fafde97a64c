import { parseAcrHost } from "../../host/acrHost.ts";
import { isForeignHost } from "../../host/foreignHosts.ts";
import { parseDomain } from "../hostValues.ts";
import type { FilledEntry } from "../input.ts";
import type { Path } from "../problem.ts";
import { splitList } from "../values.ts";
import { type IdentityContext, senseIdentity } from "./identity.ts";
import { senseRegion } from "./regions.ts";
import type { Sense } from "./sense.ts";

/** One entry of `registries` by itself. */
export function senseEntry(entry: FilledEntry, path: Path, context: IdentityContext, sense: Sense): void {
  senseRegion(entry.regionId, [...path, "regionId"], sense);
  if (entry.instanceId === "" && entry.instanceName !== undefined) {
    sense.error([...path, "instanceName"], "names an Enterprise Edition instance: add its instanceId");
  }
  if (entry.domains !== undefined) senseDomains(entry, entry.domains, [...path, "domains"], sense);
  if (entry.fixedCredentials !== undefined) {
    if (entry.domains === undefined) {
      sense.error(
        [...path, "fixedCredentials"],
        "needs domains: the hosts that get this user name and password",
      );
    }
    if (entry.identity !== undefined) {
      sense.warn([...path, "identity"], "has no effect: fixedCredentials needs no identity");
    }
  }
  if (entry.identity !== undefined) senseIdentity(entry.identity, [...path, "identity"], context, sense);
}

function senseDomains(entry: FilledEntry, domains: string | string[], path: Path, sense: Sense): void {
  const items = splitList(domains);
  if (items.length === 0) sense.error(path, "names no host: write one, or leave domains out");
  items.forEach((item, index) => {
    const itemPath = typeof domains === "string" || items.length !== domains.length ? path : [...path, index];
    const parsed = parseDomain(item);
    if ("problem" in parsed) {
      sense.error(itemPath, parsed.problem);
      return;
    }
    const region = parseAcrHost(parsed.value)?.regionId;
    if (region !== undefined && entry.regionId !== undefined && region !== entry.regionId) {
      sense.error(itemPath, `${parsed.value} is a host of ${region}, but regionId is ${entry.regionId}`);
    }
    if (isForeignHost(parsed.value)) {
      sense.warn(itemPath, `${parsed.value} is not a host of ACR: it would get the ACR token of this entry`);
    }
  });
}
