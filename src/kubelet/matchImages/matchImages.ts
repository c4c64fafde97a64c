import { discovers, type ProviderConfig, type RegistryEntry } from "../../config/config.ts";
import { DOCUMENTED_ENTERPRISE_NETWORKS, PERSONAL_NETWORKS } from "../../host/acrHost.ts";
import { asciiLowerCase } from "../../host/hostName.ts";
import { urlsMatch } from "./urlsMatch.ts";

/** Patterns for the kubelet's `matchImages` that belong together. */
export interface MatchGroup {
  /** What they are for, in a few words. */
  readonly about: string;
  readonly patterns: readonly string[];
}

/** Every region, and every instance name, in a pattern. */
const ANY = "*";

/**
 * The patterns that match every host this config can answer and that is known to exist, and of ACR's other hosts as few
 * as a pattern can. `learnt` has the further hosts that are known of the instance of an entry without `domains`, which
 * no file tells: custom domains, and default hosts of a form that is not documented.
 * The kubelet compares ports and case: a host is matched as it is written here, without port unless one is given.
 */
export function matchImages(
  config: ProviderConfig,
  learnt: (entry: RegistryEntry) => readonly string[] = () => [],
): readonly MatchGroup[] {
  const { registries, serviceAccountAnnotations } = config;
  const groups = registries.flatMap((entry) => groupsOf(entry, learnt(entry)));
  if (discovers(config)) groups.push(enterpriseGroup("Enterprise Edition", ANY, ANY));
  else if (serviceAccountAnnotations.enabled) {
    groups.push(enterpriseGroup("Enterprise Edition instances that service accounts name", ANY, ANY));
  }
  if (registries.length === 0) {
    groups.push(personalGroup("Personal Edition", ANY), {
      about: "Personal Edition instances with a host of their own",
      patterns: [`crpi-*.${ANY}.personal.cr.aliyuncs.com`],
    });
  }
  return withoutRepetition(groups);
}

/** Entries whose instance may have custom domains that must be learnt: those without `domains`. */
export function hasUnknownDomains({ instanceId, domains }: RegistryEntry): boolean {
  return instanceId !== "" && domains === undefined;
}

function groupsOf(entry: RegistryEntry, learnt: readonly string[]): MatchGroup[] {
  const { path, instanceId, instanceName, regionId = ANY, domains } = entry;
  if (domains !== undefined) return [{ about: `${path}: its domains`, patterns: domains.flatMap(exactly) }];
  if (instanceId === "") return [personalGroup(`${path}: Personal Edition`, regionId)];
  const name = instanceName === undefined ? ANY : asciiLowerCase(instanceName);
  const group = enterpriseGroup(`${path}: ${instanceId}`, name, regionId);
  return learnt.length === 0
    ? [group]
    : [group, { about: `${path}: further hosts of ${instanceId}`, patterns: learnt.flatMap(exactly) }];
}

/** A host of the config answers with and without HTTPS's own port; whoever writes the port has it in his images. */
function exactly(host: string): string[] {
  return host.endsWith(":443") ? [host.slice(0, -4), host] : [host];
}

function enterpriseGroup(about: string, name: string, region: string): MatchGroup {
  const patterns = DOCUMENTED_ENTERPRISE_NETWORKS.map(
    (network) => `${name}-registry${network}.${region}.cr.aliyuncs.com`,
  );
  return { about, patterns };
}

function personalGroup(about: string, region: string): MatchGroup {
  return {
    about,
    patterns: PERSONAL_NETWORKS.map((network) => `registry${network}.${region}.aliyuncs.com`),
  };
}

/** Without the patterns that another one makes superfluous. */
function withoutRepetition(groups: readonly MatchGroup[]): MatchGroup[] {
  const all = groups.flatMap(({ patterns }) => patterns);
  const kept = new Set<string>();
  return groups
    .map(({ about, patterns }) => ({
      about,
      patterns: patterns.filter((pattern) => {
        const covered = all.some((other) => other !== pattern && urlsMatch(other, pattern));
        if (covered || kept.has(pattern)) return false;
        kept.add(pattern);
        return true;
      }),
    }))
    .filter(({ patterns }) => patterns.length > 0);
}
