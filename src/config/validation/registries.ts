import { parseAcrHost } from "../../host/acrHost.ts";
import { isForeignHost } from "../../host/foreignHosts.ts";
import { comparableHost } from "../../host/hostName.ts";
import { knownRegions } from "../../host/knownRegions.ts";
import { didYouMean } from "../../text/nearest.ts";
import type { FilledConfig, FilledEntry } from "../effectiveConfig.ts";
import type { Findings, Path } from "../problem.ts";
import { parseDomain, splitList } from "../values.ts";
import { checkIdentity, type IdentityContext } from "./identity.ts";

interface PlacedEntry {
  readonly entry: FilledEntry;
  readonly path: Path;
}

/** The entries of `registries`, each by itself and then together. */
export function checkRegistries(
  { registries }: FilledConfig,
  context: IdentityContext,
  findings: Findings,
): void {
  if (!Array.isArray(registries)) return;
  const entries = registries
    .map((entry, index) => ({ entry, path: ["registries", index] }))
    .filter(({ path }) => findings.passesSchema(path));
  for (const placed of entries) checkEntry(placed, context, findings);
  checkOverlap(entries, findings);
}

/** Warns of an unknown region, but never refuses it: new regions come without a new release. */
export function checkRegion(regionId: string | undefined, path: Path, findings: Findings): void {
  if (regionId === undefined || !findings.passesSchema(path) || knownRegions.includes(regionId)) return;
  findings.warn(
    path,
    `${regionId} is not a region that this release knows${didYouMean(regionId, knownRegions)}`,
  );
}

function checkEntry({ entry, path }: PlacedEntry, context: IdentityContext, findings: Findings): void {
  checkRegion(entry.regionId, [...path, "regionId"], findings);
  if (entry.instanceId === "" && entry.instanceName !== undefined) {
    findings.error([...path, "instanceName"], "names an Enterprise Edition instance: add its instanceId");
  }
  if (entry.instanceName !== undefined && entry.domains !== undefined) {
    findings.warn(
      [...path, "instanceName"],
      "has no effect beside domains: the entry answers for these hosts and no others; leave out one of them",
    );
  }
  if (entry.domains !== undefined) checkDomains(entry, entry.domains, [...path, "domains"], findings);
  if (entry.fixedCredentials !== undefined) {
    if (entry.domains === undefined) {
      findings.error(
        [...path, "fixedCredentials"],
        "needs domains: the hosts that get this user name and password",
      );
    }
    if (entry.identity !== undefined) {
      findings.warn([...path, "identity"], "has no effect: fixedCredentials needs no identity");
    }
  }
  if (entry.identity !== undefined) checkIdentity(entry.identity, [...path, "identity"], context, findings);
}

function checkDomains(entry: FilledEntry, domains: string | string[], path: Path, findings: Findings): void {
  const items = splitList(domains);
  if (items.length === 0) findings.error(path, "names no host: write one, or leave domains out");
  items.forEach((item, index) => {
    const itemPath = typeof domains === "string" || items.length !== domains.length ? path : [...path, index];
    const parsed = parseDomain(item);
    if ("problem" in parsed) {
      findings.error(itemPath, parsed.problem);
      return;
    }
    const region = parseAcrHost(parsed.value)?.regionId;
    if (region !== undefined && entry.regionId !== undefined && region !== entry.regionId) {
      findings.error(itemPath, `${parsed.value} is a host of ${region}, but regionId is ${entry.regionId}`);
    }
    if (isForeignHost(parsed.value)) {
      findings.warn(
        itemPath,
        `${parsed.value} is not a host of ACR: it would get the ACR token of this entry`,
      );
    }
  });
}

/** Entries of which one could never be reached, because an earlier one answers for the same hosts. */
function checkOverlap(entries: readonly PlacedEntry[], findings: Findings): void {
  const claims = new Map<string, Path>();
  for (const { entry, path } of entries) {
    for (const { key, what, where } of claimsOf(entry)) {
      const earlier = claims.get(key);
      if (earlier === undefined) claims.set(key, path);
      else if (earlier !== path) {
        findings.error(
          [...path, ...where],
          `${what} is claimed by ${findings.spelledPath(earlier)} already: keep one of them`,
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
