import { discovers, type IdentityConfig, type RegistryEntry } from "../../config/config.ts";
import { parseAcrHost } from "../../host/acrHost.ts";
import { nodeRegion } from "../../identity/nodeRegion.ts";
import type { EndpointChoice } from "../../openapi/endpoints.ts";
import { imageHost } from "../../registry/imageReference.ts";
import { once, type Run } from "../../run/run.ts";
import { timed } from "./freshRun.ts";

/** Where the config sends the plugin: one for each entry of `registries`; without entries one for each region in question. */
export interface Place {
  /** `registries[0]`, or what stands in for one: `the defaults`. */
  readonly origin: string;
  readonly entry?: RegistryEntry;
  /** undefined: nothing tells it. */
  readonly regionId?: string;
  readonly network: EndpointChoice;
  readonly identity: IdentityConfig;
  /** Where the config has the identity: `identity`, `registries[0].identity`. */
  readonly identityPath: string;
}

/** Every place of the config, the images' hosts telling what the config leaves open. Asks for the node's region if need be. */
export function placesOf(run: Run, images: readonly string[]): Promise<readonly Place[]> {
  return once(run, "places of the config", () => workedOut(run, images));
}

async function workedOut(run: Run, images: readonly string[]): Promise<readonly Place[]> {
  const { config } = run;
  const { identity, network } = config;
  const hosts = images.flatMap(hostOf).flatMap((host) => parseAcrHost(host) ?? []);
  const isInside = hosts.some((host) => host.network !== "public");
  const choice = (configured: RegistryEntry["network"], regionId: string | undefined): EndpointChoice =>
    configured === "auto" && isInside && hosts.some((host) => host.regionId === regionId)
      ? "vpcFirst"
      : configured;
  const places: Place[] = config.registries.map((entry) => ({
    origin: entry.path,
    entry,
    ...regionOf(entry.regionId ?? domainRegion(entry) ?? config.defaultRegion),
    network: networkOf(entry, choice),
    identity: entry.identity,
    identityPath: entry.identity === identity ? "identity" : `${entry.path}.identity`,
  }));
  if (places.length === 0 || discovers(config)) {
    const regions = [...new Set(hosts.map(({ regionId }) => regionId))];
    for (const regionId of regions.length === 0 ? [config.defaultRegion] : regions) {
      const place = {
        origin: "the defaults",
        network: choice(network, regionId),
        identity,
        identityPath: "identity",
      };
      places.push({ ...place, ...regionOf(regionId) });
    }
  }
  return places.every(({ regionId }) => regionId !== undefined) ? places : withNodeRegion(run, places);
}

function hostOf(image: string): string[] {
  try {
    return [imageHost(image)];
  } catch {
    return [];
  }
}

function regionOf(regionId: string | undefined): { regionId?: string } {
  return regionId === undefined ? {} : { regionId };
}

/** As the plugin takes it from the host of a pull. */
function domainRegion({ domains = [] }: RegistryEntry): string | undefined {
  return domains.map((domain) => parseAcrHost(domain)?.regionId).find((regionId) => regionId !== undefined);
}

function networkOf(
  entry: RegistryEntry,
  choice: (configured: RegistryEntry["network"], regionId: string | undefined) => EndpointChoice,
): EndpointChoice {
  const leadsInside = entry.domains?.some(
    (domain) => (parseAcrHost(domain)?.network ?? "public") !== "public",
  );
  return entry.network === "auto" && leadsInside ? "vpcFirst" : choice(entry.network, entry.regionId);
}

async function withNodeRegion(run: Run, places: readonly Place[]): Promise<readonly Place[]> {
  const region = await timed(run, () => nodeRegion(run));
  if ("failure" in region) return places;
  return places.map((place) => ({ regionId: region.value, ...place }));
}

/** What is skipped where nothing may be asked, and why; undefined where everything may. */
export function whySkipped(run: Run | undefined, offline: boolean): string | undefined {
  if (run === undefined) return "the config cannot be used: see the group config";
  return offline ? "--offline: nothing is sent anywhere" : undefined;
}
