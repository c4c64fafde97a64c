import { type Failure, restate } from "../failure/failure.ts";
import { nameNow } from "../identity/identity.ts";
import { shortened } from "../text/foreignText.ts";
import type { Credentials, Outcome, Reached } from "./provide.ts";
import type { RequestVersion } from "./request.ts";

/** What the kubelet gets: a response for stdout, or a failure for stderr and the exit status. */
export type Answer =
  | {
      readonly response: string;
      /** In an outage: why its credentials are of old, or open nothing. */
      readonly outage?: Failure;
    }
  | { readonly failure: Failure };

/**
 * The answer to a request of this version. `nodeRole`: the role attached to the node, where it is known.
 * An empty answer is cached by the kubelet too, so "not a registry of this config" must not outlive this call.
 */
export function answerOf(outcome: Outcome, apiVersion: RequestVersion, nodeRole?: string): Answer {
  switch (outcome.kind) {
    case "credentials": {
      const { host, credentials, cacheDurationSeconds, outage } = outcome;
      const { username, password } = credentials;
      const text = response(apiVersion, cacheDurationSeconds, { [host]: { username, password } });
      return outage === undefined
        ? { response: text }
        : { response: text, outage: failureInContext(outage, outcome, nodeRole) };
    }
    case "notOurs":
      return { response: response(apiVersion, 0, {}) };
    case "refused":
    case "failed":
      return { failure: failureInContext(outcome.failure, outcome, nodeRole) };
  }
}

/**
 * The CredentialProviderResponse, byte for byte, newline included. The kubelet decodes it strictly: only these
 * keys, and `cacheDuration` a Go duration string (pkg/credentialprovider/plugin/plugin.go). The key of `auth` is the
 * image's host as it was sent: with `cacheKeyType` Registry the kubelet serves other repositories of the host from
 * the same answer, so the key must cover them all.
 */
function response(
  apiVersion: RequestVersion,
  cacheDurationSeconds: number,
  auth: Record<string, Credentials>,
): string {
  const value = {
    kind: "CredentialProviderResponse",
    apiVersion,
    cacheKeyType: "Registry",
    cacheDuration: `${cacheDurationSeconds}s`,
    auth,
  };
  return `${JSON.stringify(value)}\n`;
}

const MAX_IMAGE_SHOWN = 300;

/**
 * "unable to get credentials for IMAGE (instance cri-… in cn-hangzhou, as ecsRamRole …): cause"; for the HOST where it
 * was asked for by itself.
 */
export function failureInContext(
  failure: Failure,
  { image, host, registry, identity }: Reached,
  nodeRole: string | undefined,
): Failure {
  const subject = image ?? host;
  if (subject === undefined) return failure;
  const instance = registry?.edition === "personal" ? "Personal Edition" : `instance ${registry?.instanceId}`;
  const known = [
    registry === undefined ? undefined : `${instance}${registry.regionId && ` in ${registry.regionId}`}`,
    identity === undefined ? undefined : `as ${nameNow(nodeRole, identity.name)}`,
    identity === undefined && nodeRole !== undefined ? `with the node's role ${nodeRole}` : undefined,
  ].filter((part) => part !== undefined);
  const context = known.length === 0 ? "" : ` (${known.join(", ")})`;
  const name = shortened(subject, MAX_IMAGE_SHOWN);
  return restate(failure, { message: `unable to get credentials for ${name}${context}: ${failure.message}` });
}
