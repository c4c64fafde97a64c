import type { Entry, EntrySubject } from "../cache/cache.ts";
import type { Failure } from "../failure/failure.ts";
import { type Identity, withCredentials } from "../identity/identity.ts";
import type { CacheState } from "../log/record.ts";
import type { Registry } from "../registry/registry.ts";
import { type Kept, keptOrObtained, readKept } from "../run/kept.ts";
import type { Run } from "../run/run.ts";
import { cacheDurationSeconds, isRegistryToken, type RegistryToken, remainingMs, renewsAt } from "./token.ts";

/** With less than this left (ms) a token is no longer handed out when its renewal failed (contract, section 6). */
const LAST_USE_MS = 60_000;
const STALE_CACHE_SECONDS = 60;

/** Which token: what sets it apart from every other, and how to ask for it. */
export interface WantedToken {
  /** What it is kept under: identity, instance, region and endpoint, so that none shares a token with another. */
  readonly key: string;
  readonly subject: EntrySubject;
  /** Asks for a new one, within the time of the run that it gets. */
  request(run: Run): Promise<RegistryToken>;
  /** For how long (ms) it is kept after its end, for `lastToken`; default 0. */
  readonly keptAfterwardsMs?: number;
  /** With less than this left (ms) it is renewed although it serves still; default: only when it is due. */
  readonly renewBelowMs?: number;
}

export interface ObtainedToken {
  readonly token: RegistryToken;
  readonly cache: CacheState;
  readonly cacheDurationSeconds: number;
  /** Why a kept token that was to be renewed was not. */
  readonly notRenewed?: Failure;
}

/**
 * The registry's token for this identity. `host`: by which host the node asks for it, which is kept so that it
 * can be renewed; undefined where only a pod can ask. Code for the network is loaded only when it is asked for.
 */
export function wantedToken(
  { config }: Run,
  registry: Registry,
  identity: Identity,
  host?: string,
): WantedToken {
  const { instanceId, regionId, network } = registry;
  return {
    key: JSON.stringify([identity.key, instanceId, regionId, config.endpoints.acr ?? network]),
    subject: { instanceId, regionId, identity: identity.name, ...(host === undefined ? {} : { host }) },
    request: async (run) => {
      const { requestToken } = await import("./requestToken.ts");
      const { askInstance } = await import("./instanceFailure.ts");
      return withCredentials(run, identity, (credentials) =>
        askInstance(run, registry, identity, () => requestToken(run, registry, credentials)),
      );
    },
  };
}

/**
 * The token: the kept one while it serves, else a new one, asked for by one
 * process of the node at a time, else the kept one for a last while.
 * @throws Failure when no token can be had.
 */
export async function obtainToken(run: Run, wanted: WantedToken): Promise<ObtainedToken> {
  const { value: token, state, failure } = await keptOrObtained(run, kept(run, wanted));
  return {
    token,
    cache: state,
    cacheDurationSeconds: kubeletKeeps(run, token, state),
    ...(failure === undefined ? {} : { notRenewed: failure }),
  };
}

/** The token in the cache, if it has not expired. */
export async function keptToken(run: Run, wanted: WantedToken): Promise<RegistryToken | undefined> {
  const token = await lastToken(run, wanted);
  return token !== undefined && remainingMs(token, run.now()) > 0 ? token : undefined;
}

/** The token that was issued last, as long as it is kept, expired or not. */
export async function lastToken(run: Run, wanted: WantedToken): Promise<RegistryToken | undefined> {
  return (await readKept(run, kept(run, wanted)))?.value;
}

function kept(
  run: Run,
  { key, subject, request, keptAfterwardsMs = 0, renewBelowMs = 0 }: WantedToken,
): Kept<RegistryToken> {
  return {
    name: "the token",
    kind: "token",
    key,
    subject,
    check: isRegistryToken,
    serves: ({ value }: Entry<RegistryToken>) =>
      run.now() < renewsAt(value, run.config.expiringThresholdMs) &&
      remainingMs(value, run.now()) >= renewBelowMs,
    standsIn: ({ value }) => remainingMs(value, run.now()) > LAST_USE_MS,
    obtain: request,
    keptUntil: ({ expiresAt }) => expiresAt + keptAfterwardsMs,
    secretsOf: ({ password }) => [password],
  };
}

/** For how long (s) the kubelet may keep the token; one that could not be renewed only until the next attempt. */
function kubeletKeeps(run: Run, token: RegistryToken, state: CacheState): number {
  const now = run.now();
  if (state !== "stale") return cacheDurationSeconds(token, run.config.expiringThresholdMs, now);
  return Math.min(STALE_CACHE_SECONDS, Math.floor((remainingMs(token, now) - LAST_USE_MS) / 1000));
}
