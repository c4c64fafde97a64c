import type { Failure } from "../failure/failure.ts";
import type { RunResult } from "../log/runLine.ts";
import type { Outcome } from "./provide.ts";

/** The outcome as the log has it; `failure`: why there are no credentials that open anything. */
export function runResult(
  outcome: Outcome,
  failure: Failure | undefined,
): Omit<RunResult, "startedAt" | "endedAt"> {
  const { kind, image, host, registry, identity } = outcome;
  const kept = outcome.kind === "credentials" ? outcome : undefined;
  return {
    ...(image === undefined ? {} : { image }),
    ...(host === undefined ? {} : { host }),
    ...(registry === undefined
      ? {}
      : { edition: registry.edition, instanceId: registry.instanceId, regionId: registry.regionId }),
    ...(identity === undefined ? {} : { identity: identity.name }),
    outcome: failure === undefined || kind === "refused" ? kind : "failed",
    ...(kept?.cache === undefined ? {} : { cache: kept.cache }),
    ...(kept === undefined ? {} : { cacheDurationSeconds: kept.cacheDurationSeconds }),
    ...(failure === undefined ? {} : { failure }),
  };
}
