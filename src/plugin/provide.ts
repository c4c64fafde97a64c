import { askedByAnnotations, identityWithAnnotations } from "../access/annotations.ts";
import { checkAccess } from "../access/rules.ts";
import { FIXED_CREDENTIALS_CACHE_SECONDS, readFixedCredentials } from "../acr/fixedCredentials.ts";
import { type Identify, instanceLookups } from "../acr/instanceLookups.ts";
import { obtainToken, wantedToken } from "../acr/obtainToken.ts";
import { needsServiceAccountTokens } from "../config/config.ts";
import { asFailure, type Failure } from "../failure/failure.ts";
import type { Identity } from "../identity/identity.ts";
import { resolveIdentity } from "../identity/resolveIdentity.ts";
import { parseServiceAccount, type ServiceAccount } from "../identity/serviceAccount.ts";
import type { CacheState } from "../log/record.ts";
import { imageHost } from "../registry/imageReference.ts";
import type { Registry, Step } from "../registry/registry.ts";
import { resolveRegistry } from "../registry/resolveRegistry.ts";
import type { Run } from "../run/run.ts";
import { answerWithoutRegistry, unlessOutage } from "./outage.ts";
import type { PluginRequest } from "./request.ts";

/** An image, and whose pod it is for. */
export interface Pull {
  readonly image: string;
  readonly serviceAccount?: ServiceAccount;
}

/** How far a pull got: what was known of it when it ended. */
export interface Reached {
  readonly image?: string;
  readonly host?: string;
  readonly registry?: Registry;
  readonly identity?: Identity;
}

/** What the kubelet gets for a registry of this config. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type Outcome = Reached &
  (
    | {
        readonly kind: "credentials";
        readonly host: string;
        readonly credentials: Credentials;
        readonly cacheDurationSeconds: number;
        /** Absent for fixed credentials. */
        readonly cache?: CacheState;
        /** In an outage: why these are credentials of old, or open nothing. */
        readonly outage?: Failure;
      }
    | { readonly kind: "notOurs" }
    /** It was decided that the pod may not pull. */
    | { readonly kind: "refused"; readonly failure: Failure }
    | { readonly kind: "failed"; readonly failure: Failure }
  );

/**
 * The story of a pull: which registry the image's host leads to, whether this pod may pull from it, as whom the
 * plugin asks, and the token. Never rejects. `trace` hears of every candidate for the registry.
 */
export async function provide(run: Run, pull: Pull, trace?: (step: Step) => void): Promise<Outcome> {
  const { config } = run;
  const { image, serviceAccount } = pull;
  let reached: Reached = { image };
  try {
    const host = imageHost(image);
    reached = { image, host };
    const asked = () => askedByAnnotations(config, serviceAccount);
    // Whatever asks for an image does so by an identity: a pod that may not pull causes no request.
    const identify: Identify = async (wanted, { regionId, network }) => {
      checkAccess(config, serviceAccount);
      return resolveIdentity(run, identityWithAnnotations(config, wanted, asked()), {
        regionId,
        network,
        ...(serviceAccount === undefined ? {} : { serviceAccount }),
      });
    };
    const registry = await resolveRegistry(run, host, {
      annotatedInstances: () => asked().instances,
      lookups: instanceLookups(identify),
      ...(trace === undefined ? {} : { trace }),
    });
    if (registry === undefined) return { kind: "notOurs", ...reached };
    reached = { image, host, registry };
    checkAccess(config, serviceAccount);
    if (registry.fixedCredentials !== undefined) {
      const credentials = await readFixedCredentials(run, registry.fixedCredentials.directory);
      const cacheDurationSeconds = FIXED_CREDENTIALS_CACHE_SECONDS;
      return { kind: "credentials", image, host, registry, credentials, cacheDurationSeconds };
    }
    const identity = await identify(registry.identity, registry);
    reached = { image, host, registry, identity };
    const wanted = wantedToken(run, registry, identity);
    if (serviceAccount !== undefined && registry.identity.source === "serviceAccountToken") {
      const { credentials, ...kept } = await unlessOutage(run, wanted);
      return { kind: "credentials", ...reached, host, registry, credentials, ...kept };
    }
    const { token, ...kept } = await obtainToken(run, wanted);
    return { kind: "credentials", ...reached, host, registry, credentials: token, ...kept };
  } catch (error) {
    const failure = asFailure(error);
    const { host, registry } = reached;
    if (host !== undefined && registry === undefined && serviceAccount !== undefined) {
      const answer = answerWithoutRegistry(run, host, failure);
      if (answer !== undefined) return { kind: "credentials", image, host, ...answer };
    }
    return { kind: failure.refused ? "refused" : "failed", ...reached, failure };
  }
}

/**
 * The pull that a request means; the service account only where this config has any use for it.
 * @throws Failure `ServiceAccountTokenInvalid`
 */
export function pullOf({ config }: Run, request: PluginRequest): Pull {
  const { image, serviceAccountToken: token, serviceAccountAnnotations: annotations } = request;
  if (token === undefined || needsServiceAccountTokens(config) === undefined) return { image };
  return { image, serviceAccount: parseServiceAccount(token, annotations) };
}
