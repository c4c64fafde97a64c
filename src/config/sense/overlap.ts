import { comparableHost } from "../../host/hostName.ts";
import type { FilledEntry } from "../input.ts";
import type { Path } from "../problem.ts";
import { splitList } from "../values.ts";
import type { Sense } from "./sense.ts";

interface PlacedEntry {
  readonly entry: FilledEntry;
  readonly path: Path;
}

/** Entries of which one could never be reached, because an earlier one answers for the same hosts. */
export function senseOverlap(entries: readonly PlacedEntry[], sense: Sense): void {
  const claims = new Map<string, Path>();
  for (const { entry, path } of entries) {
    for (const { key, what, where } of claimsOf(entry)) {
      const earlier = claims.get(key);
      if (earlier === undefined) claims.set(key, path);
      else if (earlier !== path) {
        sense.error(
          [...path, ...where],
          `${what} is claimed by ${sense.spell(earlier)} already: keep one of them`,
        );
      }
    }
  }
}

/** What an entry answers for, as keys to compare. */
function claimsOf(entry: FilledEntry): { key: string; what: string; where: Path }[] {
  const { instanceId, instanceName, regionId = "", domains } = entry;
  if (domains !== undefined) {
    return splitList(domains).map((domain) => {
      const host = comparableHost(domain);
      return { key: `host ${host}`, what: `the host ${host}`, where: ["domains"] };
    });
  }
  const region = regionId === "" ? "" : ` of ${regionId}`;
  if (instanceId === "")
    return [{ key: `personal ${regionId}`, what: `the Personal Edition${region}`, where: [] }];
  const instance = { key: `id ${instanceId} ${regionId}`, what: `the instance ${instanceId}`, where: [] };
  if (instanceName === undefined) return [instance];
  const name = instanceName.toLowerCase();
  return [
    instance,
    { key: `name ${name} ${regionId}`, what: `the instance name ${name}${region}`, where: ["instanceName"] },
  ];
}
