import { keptToken, wantedToken } from "../../acr/obtainToken.ts";
import { renewsAt } from "../../acr/token.ts";
import { isOfFuture } from "../../cache/cache.ts";
import type { Outcome, Pull } from "../../plugin/provide.ts";
import type { Run } from "../../run/run.ts";
import { span } from "../../text/span.ts";

/** What the cache holds for a pull, in words, and how long (s) its token still lives; nothing where no token is meant. */
export interface CacheState {
  readonly cache?: string;
  readonly tokenSecondsLeft?: number;
}

/** Looks into the cache for the token of the registry and identity that a pull led to. Changes nothing. */
export async function cacheState(run: Run, { registry, identity }: Outcome, pull: Pull): Promise<CacheState> {
  if (registry?.fixedCredentials !== undefined) {
    return { cache: `not used: fixed credentials in ${registry.fixedCredentials.directory}` };
  }
  if (registry === undefined || identity === undefined) return {};
  if (!run.config.cache.enabled) return { cache: "switched off by cache.enabled" };
  const { serviceAccount } = pull;
  const isPods = registry.identity.source === "serviceAccountToken";
  if (isPods && serviceAccount !== undefined && serviceAccount.token === undefined) {
    return { cache: "cannot be known without the service account's token (--token-file)" };
  }
  const token = await keptToken(run, wantedToken(run, registry, identity));
  if (token === undefined) return { cache: "holds no token: one has to be asked for" };
  const left = token.expiresAt - run.now();
  const ofFuture = isOfFuture({ storedAt: token.issuedAt }, run.now());
  const due = ofFuture ? 0 : renewsAt(token, run.config.expiringThresholdMs) - run.now();
  return {
    cache: `holds a token, ${span(left)} left, ${due > 0 ? `due for renewal in ${span(due)}` : "due for renewal"}`,
    tokenSecondsLeft: Math.floor(left / 1000),
  };
}
