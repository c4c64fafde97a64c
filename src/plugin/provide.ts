import { askedByAnnotations, asksNothing, identityWithAnnotations } from "../access/annotations.ts";
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
import { once, type Run } from "../run/run.ts";
import { answerWithoutRegistry, unlessOutage } from "./outage.ts";
import type { PluginRequest } from "./request.ts";

/** An image, and whose pod it is for. */
export interface Pull {
  readonly image: string;
  readonly serviceAccount?: ServiceAccount;
}

/** A registry's host, asked for by itself or for an image. */
export interface HostPull extends Partial<Pull> {
  /** `host[:port]`, as the answer will have it. */
  readonly host: string;
  /** A kept token with less than this left (ms) is renewed although it serves still; default: only when it is due. */
  readonly renewBelowMs?: number;
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
        /** Why a kept token that was to be renewed was not. */
        readonly notRenewed?: Failure;
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
  try {
    return await provideForHost(run, { ...pull, host: imageHost(pull.image) }, trace);
  } catch (error) {
    return { kind: "failed", image: pull.image, failure: asFailure(error) };
  }
}

/** The same from the host on; never rejects. */
export async function provideForHost(
  run: Run,
  { host, image, serviceAccount, renewBelowMs }: HostPull,
  trace?: (step: Step) => void,
): Promise<Outcome> {
  const { config } = run;
  let reached: Reached & { readonly host: string } = { host, ...(image === undefined ? {} : { image }) };
  try {
    const identify = identifyFor(run, serviceAccount);
    const registry = await resolveRegistry(run, host, {
      annotatedInstances: () => askedByAnnotations(config, serviceAccount).instances,
      lookups: instanceLookups(identify),
      ...(trace === undefined ? {} : { trace }),
    });
    if (registry === undefined) return { kind: "notOurs", ...reached };
    reached = { ...reached, registry };
    checkAccess(config, serviceAccount);
    if (registry.fixedCredentials !== undefined) {
      const credentials = await readFixedCredentials(run, registry.fixedCredentials.directory);
      const cacheDurationSeconds = FIXED_CREDENTIALS_CACHE_SECONDS;
      return { kind: "credentials", ...reached, credentials, cacheDurationSeconds };
    }
    const identity = await identify(registry.identity, registry);
    reached = { ...reached, identity };
    const isPods = serviceAccount !== undefined && registry.identity.source === "serviceAccountToken";
    const isNodes = !isPods && asksNothing(askedByAnnotations(config, serviceAccount));
    const wanted = wantedToken(run, registry, identity, isNodes ? host : undefined);
    if (isPods) {
      const { credentials, ...kept } = await unlessOutage(run, wanted);
      return { kind: "credentials", ...reached, credentials, ...kept };
    }
    // `prefetch` asks for many hosts in one run, some of which share a token.
    const { token, ...kept } = await once(run, `token of ${wanted.key}`, () =>
      obtainToken(run, { ...wanted, ...(renewBelowMs === undefined ? {} : { renewBelowMs }) }),
    );
    return { kind: "credentials", ...reached, credentials: token, ...kept };
  } catch (error) {
    const failure = asFailure(error);
    if (reached.registry === undefined && serviceAccount !== undefined) {
      const answer = answerWithoutRegistry(run, host, failure);
      if (answer !== undefined) return { kind: "credentials", ...reached, ...answer };
    }
    return { kind: failure.refused ? "refused" : "failed", ...reached, failure };
  }
}

/** Whatever asks for an image does so by an identity: a pod that may not pull causes no request. */
function identifyFor(run: Run, serviceAccount: ServiceAccount | undefined): Identify {
  const { config } = run;
  return async (wanted, { regionId, network }) => {
    checkAccess(config, serviceAccount);
    const asked = askedByAnnotations(config, serviceAccount);
    return resolveIdentity(run, identityWithAnnotations(config, wanted, asked), {
      regionId,
      network,
      ...(serviceAccount === undefined ? {} : { serviceAccount }),
    });
  };
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
