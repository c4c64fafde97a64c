import { parseEndpoint } from "./hostValues.ts";
import type { FilledConfig } from "./input.ts";
import type { Path } from "./problem.ts";
import { senseIdentity } from "./sense/identity.ts";
import { senseOverlap } from "./sense/overlap.ts";
import { senseRegion } from "./sense/regions.ts";
import { senseEntry } from "./sense/registries.ts";
import { senseServiceAccounts } from "./sense/serviceAccounts.ts";
import { parseDuration } from "./values.ts";

/** Takes what the checks find. */
export interface Sense {
  error(path: Path, message: string): void;
  warn(path: Path, message: string): void;
  /** Whether the schema accepts what stands at the path: only then may its parts be looked at. */
  sound(path: Path): boolean;
  /** The path as the file spells it, for a message about another one. */
  spell(path: Path): string;
}

/**
 * What no schema can say: values that cannot be, parts that do not fit together (errors), and settings that do
 * something else than they seem to (warnings).
 */
export function findSense(input: FilledConfig, sense: Sense): void {
  senseTimes(input, sense);
  senseEndpoints(input, sense);
  senseRegion(input.defaultRegion, ["defaultRegion"], sense);
  const annotations = sense.sound(["serviceAccountAnnotations"]) && input.serviceAccountAnnotations.enabled;
  if (sense.sound(["identity"])) senseIdentity(input.identity, ["identity"], { annotations }, sense);
  const entries = Array.isArray(input.registries)
    ? input.registries
        .map((entry, index) => ({ entry, path: ["registries", index] }))
        .filter(({ path }) => sense.sound(path))
    : [];
  for (const { entry, path } of entries) senseEntry(entry, path, { annotations }, sense);
  senseOverlap(entries, sense);
  senseServiceAccounts(input, sense);
}

/** The kubelet kills a plugin after 60 s (k8s.io/kubernetes/pkg/credentialprovider/plugin); 5 s are for its own start and end. */
const MAX_TOTAL_MS = 55_000;

/** ACR tokens live an hour, and are never renewed before half of it. */
const HALF_A_TOKEN_MS = 30 * 60_000;

function senseTimes({ expiringThreshold, timeouts }: FilledConfig, sense: Sense): void {
  if (sense.sound(["expiringThreshold"])) {
    const threshold = parseDuration(expiringThreshold) ?? 0;
    if (threshold <= 0) sense.error(["expiringThreshold"], "must be more than 0s");
    if (threshold > HALF_A_TOKEN_MS) {
      sense.warn(
        ["expiringThreshold"],
        "acts as 30m: a token is never renewed before half of its hour is over",
      );
    }
  }
  if (!sense.sound(["timeouts"])) return;
  const [total, request] = [parseDuration(timeouts.total) ?? 0, parseDuration(timeouts.request) ?? 0];
  if (total <= 0) sense.error(["timeouts", "total"], "must be more than 0s");
  if (total > MAX_TOTAL_MS)
    sense.error(["timeouts", "total"], "must be at most 55s: the kubelet kills at 60s");
  if (request <= 0) sense.error(["timeouts", "request"], "must be more than 0s");
  if (request > total) {
    sense.error(["timeouts", "request"], `must be at most timeouts.total, which is ${timeouts.total}`);
  }
}

function senseEndpoints({ endpoints }: FilledConfig, sense: Sense): void {
  if (!sense.sound(["endpoints"])) return;
  for (const service of ["acr", "sts", "metadata"] as const) {
    const text = endpoints[service];
    if (text === undefined) continue;
    const parsed = parseEndpoint(text, service);
    if ("problem" in parsed) sense.error(["endpoints", service], parsed.problem);
  }
}
