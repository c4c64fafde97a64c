import type { Entry } from "../cache/cache.ts";
import { asFailure } from "../failure/failure.ts";
import { byOneProcess } from "../run/byOneProcess.ts";
import type { Run } from "../run/run.ts";
import type { RamCredentials } from "./identity.ts";

/**
 * A session with less than this left (ms) beyond `expiringThreshold` is renewed: a registry token lives as long as
 * the session that asked for it (ACR, GetAuthorizationToken), so a new token would be due for renewal at once.
 */
const MARGIN_MS = 60_000;
/** With less than this left (ms) a session no longer stands in when its renewal failed. */
const STALE_MARGIN_MS = 60_000;

interface Session extends RamCredentials {
  readonly securityToken: string;
  readonly expiresAt: number;
}

/**
 * The session kept under this key (the key of its whole chain) while it serves, else a new one, which is kept;
 * the old one stands in when there is no new one to be had for a passing reason.
 */
export async function keptSession(
  run: Run,
  key: string,
  obtain: () => Promise<RamCredentials>,
): Promise<RamCredentials> {
  const kept = await run.cache.get("session", key, isSession);
  if (kept !== undefined) {
    run.secrets.add(kept.value.accessKeySecret, kept.value.securityToken);
    if (serves(run, kept)) return kept.value;
  }
  try {
    return await byOneProcess<RamCredentials>(run, {
      kind: "session",
      key,
      kept: async () => {
        const others = await run.cache.get("session", key, isSession);
        if (others === undefined || !serves(run, others)) return undefined;
        run.secrets.add(others.value.accessKeySecret, others.value.securityToken);
        return others.value;
      },
      obtain: async () => {
        const session = await obtain();
        if (isSession(session)) await run.cache.put("session", key, session, session.expiresAt);
        return session;
      },
    });
  } catch (error) {
    const failure = asFailure(error);
    const left = (kept?.value.expiresAt ?? 0) - run.now();
    if (kept === undefined || !failure.transient || left <= STALE_MARGIN_MS) throw failure;
    run.record.warnings.push(`the session could not be renewed: ${failure.message} (code ${failure.code})`);
    return kept.value;
  }
}

function serves(run: Run, { storedAt, expiresAt, value }: Entry<Session>): boolean {
  const margin = Math.min(run.config.expiringThresholdMs + MARGIN_MS, (expiresAt - storedAt) / 2);
  return value.expiresAt - run.now() > margin;
}

function isSession(value: unknown): value is Session {
  const session = value as Partial<Session> | null;
  return (
    typeof session === "object" &&
    session !== null &&
    [session.accessKeyId, session.accessKeySecret, session.securityToken].every(isFilled) &&
    Number.isFinite(session.expiresAt)
  );
}

function isFilled(text: unknown): boolean {
  return typeof text === "string" && text !== "";
}
