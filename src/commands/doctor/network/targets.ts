import { assumesAsServiceAccount } from "../../../config/config.ts";
import { realmUrl } from "../../../distribution/challenge.ts";
import { registryChallenge } from "../../../distribution/repository.ts";
import { parseAcrHost } from "../../../host/acrHost.ts";
import { endpointsOf } from "../../../openapi/endpoints.ts";
import type { Run } from "../../../run/run.ts";
import { timed } from "../freshRun.ts";
import type { Place } from "../places.ts";
import type { ImagePull } from "../pull/imagePull.ts";

/** One host that a pull needs. */
export interface Target {
  readonly id: "api" | "sts" | "registry" | "token-realm" | "layers";
  readonly url: URL;
  /** Set for a host that is not learnt but derived from Alibaba Cloud's naming rule. */
  readonly byRuleOf?: string;
  /** Only doctor itself asks there. */
  readonly isOptional?: boolean;
}

/** The API endpoints of every place: those of one list stand in for each other. */
export function apiTargets(run: Run, places: readonly Place[]): readonly (readonly Target[])[] {
  return places.flatMap(({ regionId, network, entry }) =>
    regionId === undefined || entry?.fixedCredentials !== undefined
      ? []
      : [
          endpointsOf(run, "cr", regionId, network).map(({ url }) => ({
            id: "api" as const,
            url: new URL(url),
          })),
        ],
  );
}

/** The same for STS. */
export function stsTargets(run: Run, places: readonly Place[]): readonly (readonly Target[])[] {
  return places.flatMap(({ regionId, network, entry, identity }) => {
    if (entry?.fixedCredentials !== undefined) return [];
    const isNeeded =
      identity.assumeRoles.length > 0 ||
      ["oidcTokenFile", "serviceAccountToken", "profile"].includes(identity.source) ||
      assumesAsServiceAccount(run.config) ||
      Boolean(run.env.ALIBABA_CLOUD_OIDC_TOKEN_FILE);
    const target = (url: string) => ({ id: "sts" as const, url: new URL(url), isOptional: !isNeeded });
    return [endpointsOf(run, "sts", regionId, network).map(({ url }) => target(url))];
  });
}

/** The registries: the domains of the config's entries, and the hosts of images that are this config's. */
export function registryTargets(places: readonly Place[], imageHosts: readonly string[]): readonly Target[] {
  const hosts = [...places.flatMap(({ entry }) => entry?.domains ?? []), ...imageHosts];
  return [...new Set(hosts)].map((host) => ({ id: "registry", url: new URL(`https://${host}/v2/`) }));
}

/**
 * Token realms and layer hosts: those that the images' registries and the config's domains name, else by the naming rule
 * of each region in question. The rule is not applied where `endpoints.acr` leads to something else than Alibaba Cloud.
 */
export async function learntTargets(
  run: Run,
  places: readonly Place[],
  pulls: readonly ImagePull[],
): Promise<readonly Target[]> {
  const realms = pulls.flatMap(({ realm }) => realm ?? []);
  const layers = pulls.flatMap(({ layers: url }) => url ?? []);
  const asked = pulls.flatMap(({ context }) => context?.host ?? []);
  const domains = places.flatMap(({ entry }) => entry?.domains ?? []).filter((host) => !asked.includes(host));
  for (const challenge of await Promise.all(
    domains.map((host) => timed(run, () => registryChallenge(run, host))),
  )) {
    if (!("value" in challenge) || challenge.value?.scheme !== "bearer") continue;
    const { value } = challenge;
    const realm = await timed(run, async () => realmUrl(value));
    if ("value" in realm) realms.push(realm.value);
  }
  const rule = run.config.endpoints.acr === undefined ? places.flatMap(byRule) : [];
  return [
    ...(realms.length > 0
      ? realms.map(hostTarget("token-realm"))
      : rule.filter(({ id }) => id === "token-realm")),
    ...(layers.length > 0 ? layers.map(hostTarget("layers")) : rule.filter(({ id }) => id === "layers")),
  ];
}

/** The host alone: a realm or a layer is asked for with parameters, and doctor asks for neither here. */
function hostTarget(id: Target["id"]): (url: URL) => Target {
  return (url) => ({ id, url: new URL(`${url.protocol}//${url.host}/`) });
}

/**
 * ACR's naming rules, observed and not documented: dockerauth[-ee][-vpc].REGION (the Personal Edition's of
 * cn-zhangjiakou is another), and OSS's public or internal endpoint for the layers.
 */
function byRule({ regionId, network, entry }: Place): readonly Target[] {
  if (regionId === undefined) return [];
  const hosts = entry?.domains?.map((domain) => parseAcrHost(domain)?.network) ?? [];
  const isInside = network === "vpc" || network === "vpcFirst" || hosts.includes("vpc");
  const edition = entry?.instanceId === "" ? "" : "-ee";
  const realm =
    edition === "" && regionId === "cn-zhangjiakou"
      ? "dockerauth-cn-zhangjiakou.aliyuncs.com"
      : `dockerauth${edition}${isInside ? "-vpc" : ""}.${regionId}.aliyuncs.com`;
  const layers = `oss-${regionId}${isInside ? "-internal" : ""}.aliyuncs.com`;
  const target = (id: Target["id"], host: string) => ({
    id,
    url: new URL(`https://${host}/`),
    byRuleOf: regionId,
  });
  return [target("token-realm", realm), target("layers", layers)];
}
