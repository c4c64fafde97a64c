import type { Entry } from "../cache/cache.ts";
import { keptOrObtained } from "../run/kept.ts";
import type { Run } from "../run/run.ts";
import type { Identity } from "./identity.ts";
import { isTemporaryCredentials, type TemporaryCredentials } from "./temporaryCredentials.ts";

/**
 * A session with less than this left (ms) beyond `expiringThreshold` is renewed: a registry token lives as long as
 * the session that asked for it (ACR, GetAuthorizationToken), so a new token would be due for renewal at once.
 */
const MARGIN_MS = 60_000;
/** With less than this left (ms) a session no longer stands in when its renewal failed. */
const LAST_USE_MS = 60_000;

/**
 * The session kept under the key of its identity (that of the whole chain) while it serves, else a new one, which is kept;
 * the old one stands in when a new one cannot be had for a passing reason.
 * @throws Failure of `obtain`.
 */
export async function keptSession(
  run: Run,
  { key, name }: Pick<Identity, "key" | "name">,
  obtain: (run: Run) => Promise<TemporaryCredentials>,
): Promise<TemporaryCredentials> {
  const left = ({ value }: Entry<TemporaryCredentials>) => value.expiresAt - run.now();
  const { value } = await keptOrObtained(run, {
    name: "the session",
    kind: "session",
    key,
    subject: { identity: name },
    check: isTemporaryCredentials,
    serves: (entry) => {
      const life = entry.value.expiresAt - entry.storedAt;
      return left(entry) > Math.min(run.config.expiringThresholdMs + MARGIN_MS, life / 2);
    },
    standsIn: (entry, failure) => failure?.transient !== false && left(entry) > LAST_USE_MS,
    obtain,
    keptUntil: ({ expiresAt }) => expiresAt,
    secretsOf: ({ accessKeySecret, securityToken }) => [accessKeySecret, securityToken],
  });
  return value;
}
