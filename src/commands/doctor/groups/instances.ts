import { readFixedCredentials } from "../../../acr/fixedCredentials.ts";
import type { Registry } from "../../../registry/registry.ts";
import type { Run } from "../../../run/run.ts";
import type { Check, Examination } from "../check.ts";
import { failedBy, freshRun, timed } from "../freshRun.ts";
import { type Place, placesOf, whySkipped } from "../places.ts";
import { tryPull } from "../pull/tryPull.ts";
import { registryChecks } from "./registryChecks.ts";

type Result = Omit<Check, "group" | "subject">;

/** What ACR's API says of the instance of every entry of `registries`; without entries of those that the images lead to. */
export async function* examineInstances({ run: kept, images, offline }: Examination): AsyncGenerator<Check> {
  const group = "instances" as const;
  const skipped = whySkipped(kept, offline);
  if (kept === undefined || skipped !== undefined) {
    yield { group, id: "token", status: "skipped", subject: "instances", found: skipped ?? "" };
    return;
  }
  const run = freshRun(kept);
  const places = await placesOf(run, images);
  const entries = places.filter(({ entry }) => entry !== undefined).map((place) => entryChecks(run, place));
  for (const entry of entries) yield* await entry;
  const discovered = await discoveredOf(kept, images);
  for (const registry of discovered) yield* await registryChecks(run, registry, undefined);
  if (entries.length > 0 || discovered.length > 0) return;
  const found =
    images.length === 0 ? "registries is empty: doctor IMAGE finds the image's" : "no image leads to one";
  yield { group, id: "token", status: "skipped", subject: "instances", found };
}

/** The registries that images lead to and that no entry stands for. */
async function discoveredOf(kept: Run, images: readonly string[]): Promise<readonly Registry[]> {
  const pulls = await Promise.all(images.map((image) => tryPull(kept, image)));
  const found = new Map<string, Registry>();
  for (const { context } of pulls) {
    const registry = context?.registry;
    if (registry === undefined || registry.origin.startsWith("registries")) continue;
    found.set(`${registry.instanceId} ${registry.regionId}`, registry);
  }
  return [...found.values()];
}

async function entryChecks(run: Run, place: Place): Promise<readonly Check[]> {
  const { origin, entry, regionId, network } = place;
  const check = { group: "instances", subject: origin } as const;
  if (entry === undefined) return [];
  if (entry.fixedCredentials !== undefined) {
    return [{ ...check, ...(await fixedCheck(run, entry.fixedCredentials.directory)) }];
  }
  if (regionId === undefined) {
    return [
      {
        ...check,
        id: "region",
        status: "failed",
        found: `nothing tells the region of ${entry.instanceId || "the Personal Edition"}, and the metadata service cannot be asked`,
        remedy: `add "regionId: cn-…" to ${origin}, or set defaultRegion`,
      },
    ];
  }
  const { instanceId, instanceName, domains, identity } = entry;
  const registry: Registry = {
    host: domains?.[0] ?? "",
    edition: instanceId === "" ? "personal" : "enterprise",
    instanceId,
    ...(instanceName === undefined ? {} : { instanceName }),
    regionId,
    network,
    identity,
    origin,
  };
  return registryChecks(run, registry, domains);
}

async function fixedCheck(run: Run, directory: string): Promise<Result> {
  const read = await timed(run, () => readFixedCredentials(run, directory));
  if ("failure" in read) return { id: "token", ...failedBy(read.failure) };
  return {
    id: "token",
    status: "ok",
    found: `fixed credentials in ${directory}, user ${read.value.username}`,
  };
}
