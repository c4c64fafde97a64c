import type { FilledConfig } from "../input.ts";
import { restrictsAccess } from "../serviceAccounts.ts";
import { senseEndpoints } from "./endpoints.ts";
import { senseIdentity } from "./identity.ts";
import { senseOverlap } from "./overlap.ts";
import { senseRegion } from "./regions.ts";
import { senseEntry } from "./registries.ts";
import type { Sense } from "./sense.ts";
import { senseServiceAccounts } from "./serviceAccounts.ts";
import { senseTimes } from "./times.ts";

/**
 * What no schema can say: values that cannot be, parts that do not fit together (errors), and settings that do
 * something else than they seem to (warnings).
 */
export function findSense(input: FilledConfig, sense: Sense): void {
  senseTimes(input, sense);
  senseEndpoints(input, sense);
  senseRegion(input.defaultRegion, ["defaultRegion"], sense);
  const annotations = sense.sound(["serviceAccountAnnotations"]) && input.serviceAccountAnnotations.enabled;
  const context = { annotations, restricted: sense.sound(["access"]) && restrictsAccess(input) };
  if (sense.sound(["identity"])) senseIdentity(input.identity, ["identity"], context, sense);
  const entries = Array.isArray(input.registries)
    ? input.registries
        .map((entry, index) => ({ entry, path: ["registries", index] }))
        .filter(({ path }) => sense.sound(path))
    : [];
  for (const { entry, path } of entries) senseEntry(entry, path, context, sense);
  senseOverlap(entries, sense);
  senseServiceAccounts(input, sense);
}
