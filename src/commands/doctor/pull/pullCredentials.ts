import { keptToken, wantedToken } from "../../../acr/obtainToken.ts";
import type { RegistryCredentials } from "../../../distribution/authorize.ts";
import type { Failure } from "../../../failure/failure.ts";
import { isForeignHost } from "../../../host/foreignHosts.ts";
import { type Outcome, provide } from "../../../plugin/provide.ts";
import type { Run } from "../../../run/run.ts";
import { span } from "../../../text/span.ts";
import { nameOf, remedyWithPolicy } from "../ramPolicy.ts";
import type { Done, ImagePull } from "./imagePull.ts";
import { type PullContext, who } from "./pullRemedies.ts";

/** Who pulls, by the code that the kubelet runs. */
export async function pullCredentials(
  kept: Run,
  run: Run,
  pull: ImagePull,
): Promise<Done<RegistryCredentials>> {
  const outcome = await provide(run, { image: pull.image });
  const { registry, identity } = outcome;
  const context = { ...pull.context, ...(registry && { registry }), ...(identity && { identity }) };
  pull.context = context as PullContext;
  switch (outcome.kind) {
    case "credentials":
      return {
        value: outcome.credentials,
        found: `a token of ${instanceOf(outcome)}, as ${who(pull.context)}`,
      };
    case "notOurs":
      return notOurs(pull.context);
    case "refused":
    case "failed":
      return withoutNewToken(kept, outcome, outcome.failure);
  }
}

function instanceOf({ registry }: Outcome): string {
  const { instanceId, regionId, origin, fixedCredentials } = registry ?? {};
  if (fixedCredentials !== undefined) return `${fixedCredentials.directory} (${origin})`;
  return `${instanceId || "the Personal Edition"} in ${regionId} (${origin})`;
}

function notOurs({ host, run }: PullContext): Done<RegistryCredentials> {
  const isForeign = isForeignHost(host);
  return {
    found: `${host} is not a registry of this config: the kubelet gets no credentials for it from this plugin`,
    status: isForeign ? "skipped" : "warning",
    ...(isForeign
      ? {}
      : {
          remedy: `if it is one, add ${host} to the domains of its entry in ${run.config.file ?? "the config"}`,
        }),
  };
}

/** What is left where no new token can be had: a pod's own, which is not here, or the one in the cache. */
async function withoutNewToken(
  kept: Run,
  outcome: Outcome,
  failure: Failure,
): Promise<Done<RegistryCredentials>> {
  if (failure.code === "ServiceAccountTokenMissing") {
    return {
      found: "every pod pulls as its own service account, and doctor has no pod's token",
      status: "skipped",
      remedy: `try one: kubectl create token NAME -n NAMESPACE --audience sts.aliyuncs.com > FILE; then explain ${outcome.image} --fetch --token-file FILE`,
    };
  }
  const { registry, identity } = outcome;
  if (registry === undefined || identity === undefined) throw failure;
  const token = await keptToken(kept, wantedToken(kept, registry, identity));
  if (token === undefined) throw failure;
  const remedy = remedyWithPolicy(failure, nameOf(kept, identity));
  return {
    value: token,
    status: "warning",
    found: `a new token cannot be had: ${failure.message}; the cached one serves for ${span(token.expiresAt - kept.now())} more`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}
