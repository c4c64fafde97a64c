import { lastToken, obtainToken, type WantedToken } from "../acr/obtainToken.ts";
import { assumesAsServiceAccount } from "../config/config.ts";
import { asFailure, type Failure } from "../failure/failure.ts";
import { parseAcrHost } from "../host/acrHost.ts";
import type { CacheState } from "../log/record.ts";
import type { Run } from "../run/run.ts";

/** A pod's last token is kept for so long (ms) after its end: a clock that is ahead makes good ones look expired. */
const LAST_TOKEN_KEPT_MS = 24 * 60 * 60 * 1000;

/** Credentials that open nothing; whoever meets them in the log of a registry should know what they are. */
const PLACEHOLDER = {
  username: "alibaba-cloud-cannot-be-reached",
  password: "see-the-log-of-aliyun-acr-credential-provider",
};

/** What answers for a pod's own identity. */
export interface PodsAnswer {
  readonly credentials: { readonly username: string; readonly password: string };
  readonly cacheDurationSeconds: number;
  readonly cache: CacheState;
  readonly outage?: Failure;
}

/**
 * The token of a pod's own identity; while Alibaba Cloud cannot be reached and no token serves, the last one, or
 * credentials that open nothing, for no time. The kubelet (1.35 and later, KubeletEnsureSecretPulledImages) asks the
 * plugin whose credentials there are before it restarts a container, and compares the service account in its record,
 * not the token (pkg/kubelet/images/pullmanager): without an answer an image that is on the node, verified for that
 * account, would not start. An account that is not in the record still has to pull, and fails.
 * @throws Failure of a refusal, of anything that time does not heal, or of an outage where `answerInOutage` is off.
 */
export async function unlessOutage(run: Run, token: WantedToken): Promise<PodsAnswer> {
  const wanted = { ...token, keptAfterwardsMs: LAST_TOKEN_KEPT_MS };
  try {
    const { token: credentials, ...kept } = await obtainToken(run, wanted);
    return { credentials, ...kept };
  } catch (error) {
    const outage = asFailure(error);
    if (!isAnswered(run, outage)) throw outage;
    return standIn(run, outage, await lastToken(run, wanted));
  }
}

/**
 * The same where even the instance behind one of ACR's own hosts could not be looked up: its pods' identity is the
 * one that would have asked. Undefined where the failure must stay one.
 */
export function answerWithoutRegistry(run: Run, host: string, failure: Failure): PodsAnswer | undefined {
  const isOurs = parseAcrHost(host)?.edition === "enterprise" && assumesAsServiceAccount(run.config);
  return isOurs && isAnswered(run, failure) ? standIn(run, failure, undefined) : undefined;
}

/** Only the network heals with time; a refusal, of whomever, stays one. */
function isAnswered({ config }: Run, { transient }: Failure): boolean {
  return config.answerInOutage && transient;
}

function standIn(run: Run, outage: Failure, last: PodsAnswer["credentials"] | undefined): PodsAnswer {
  const what = last === undefined ? "credentials that open nothing" : "the last token";
  run.record.warnings.push(
    `answered with ${what}, so that the kubelet can start images that it has verified for the service account`,
  );
  return { credentials: last ?? PLACEHOLDER, cacheDurationSeconds: 0, cache: "stale", outage };
}
