import { FIXED_CREDENTIALS_CACHE_SECONDS, readFixedCredentials } from "../acr/fixedCredentials.ts";
import { obtainToken } from "../acr/obtainToken.ts";
import { tokenOf } from "../acr/wantedToken.ts";
import type { Failure } from "../failure/failure.ts";
import { asFailure, restate } from "../failure/failure.ts";
import type { RunRecord } from "../log/record.ts";
import type { Run } from "../run/run.ts";
import type { Credentials } from "./answer.ts";
import { type Decision, decide, pullOf } from "./decide.ts";
import type { PluginRequest } from "./request.ts";

export type Outcome =
  | { readonly kind: "notOurs" }
  | {
      readonly kind: "credentials";
      readonly host: string;
      readonly credentials: Credentials;
      readonly cacheDurationSeconds: number;
    };

/**
 * The story of a pull: which registry the image's host leads to, whether this pod may pull from it, as whom the
 * plugin asks, and the token. What is found out goes into the run's record on the way.
 * @throws Failure when the pull is refused or no token is to be had; it names image, instance and identity.
 */
export async function provide(run: Run, request: PluginRequest): Promise<Outcome> {
  try {
    const decision = await decide(run, pullOf(run, request));
    if (decision === undefined) return { kind: "notOurs" };
    return { kind: "credentials", host: decision.registry.host, ...(await provideDecided(run, decision)) };
  } catch (error) {
    throw withContext(asFailure(error), request.image, run.record);
  }
}

/** The credentials of a decided pull. @throws Failure when there are none to be had. */
export async function provideDecided(
  run: Run,
  decision: Decision,
): Promise<{ credentials: Credentials; cacheDurationSeconds: number }> {
  if ("fixedCredentials" in decision) {
    const credentials = await readFixedCredentials(run, decision.fixedCredentials.directory);
    return { credentials, cacheDurationSeconds: FIXED_CREDENTIALS_CACHE_SECONDS };
  }
  const { token, cache, cacheDurationSeconds } = await obtainToken(run, tokenOf(run, decision));
  run.record.cache = cache;
  return { credentials: token, cacheDurationSeconds };
}

/** "unable to get credentials for IMAGE (instance cri-… in cn-hangzhou, as ecsRamRole …): cause". */
function withContext(failure: Failure, image: string, record: RunRecord): Failure {
  const { edition, instanceId, regionId, identity, nodeRole } = record;
  const instance = edition === "personal" ? "Personal Edition" : `instance ${instanceId}`;
  const known = [
    edition === undefined ? undefined : `${instance} in ${regionId}`,
    identity === undefined ? undefined : `as ${identity}`,
    nodeRole === undefined ? undefined : `with the node's role ${nodeRole}`,
  ].filter((part) => part !== undefined);
  const context = known.length === 0 ? "" : ` (${known.join(", ")})`;
  const name = image.length <= MAX_IMAGE_SHOWN ? image : `${image.slice(0, MAX_IMAGE_SHOWN)}…`;
  return restate(failure, { message: `unable to get credentials for ${name}${context}: ${failure.message}` });
}

const MAX_IMAGE_SHOWN = 300;

/** Whether it was decided that the pod may not pull, rather than found that it cannot. */
export function isRefusal(failure: Failure): boolean {
  return failure.code.startsWith("AccessDenied");
}
