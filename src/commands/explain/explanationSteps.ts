import { parseAcrHost } from "../../host/acrHost.ts";
import type { Registry, Step } from "../../registry/resolve.ts";
import type { Run } from "../../run/run.ts";

/** The steps, and the entries that were not even looked at because another one answers. */
export function withUnneeded({ config }: Pick<Run, "config">, steps: readonly Step[]): Step[] {
  const chosen = steps.find((step) => step.chosen);
  if (chosen === undefined) return [...steps];
  const unneeded = config.registries
    .filter(({ path }) => steps.every(({ candidate }) => candidate !== path))
    .map(({ path }) => ({ candidate: path, chosen: false, reason: `${chosen.candidate} answers before it` }));
  return [...steps, ...unneeded];
}

/** What told the registry's region. */
export function regionBy({ config }: Pick<Run, "config">, { host, origin, regionId }: Registry): string {
  const entry = config.registries.find(({ path }) => path === origin);
  if (entry?.regionId !== undefined) return `${origin}.regionId`;
  if (parseAcrHost(host)?.regionId === regionId) return "the host";
  return config.defaultRegion === regionId ? "defaultRegion" : "the node or the annotation";
}
