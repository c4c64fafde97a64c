import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import { isPrintable } from "../text/foreignText.ts";
import type { RamCredentials } from "./identity.ts";

/** Credentials of an STS session, or of another source that renews them. `expiresAt`: epoch ms. */
export type TemporaryCredentials = RamCredentials &
  Required<Pick<RamCredentials, "securityToken" | "expiresAt">>;

/** Whether what was kept has the form of temporary credentials. */
export function isTemporaryCredentials(value: unknown): value is TemporaryCredentials {
  const session = value as Partial<TemporaryCredentials> | null;
  return (
    typeof session === "object" &&
    session !== null &&
    [session.accessKeyId, session.accessKeySecret, session.securityToken].every(isPrintable) &&
    Number.isFinite(session.expiresAt)
  );
}

/**
 * Temporary credentials in the form that STS, the metadata service and credential URIs share: `AccessKeyId`,
 * `AccessKeySecret`, `SecurityToken`, `Expiration` (ISO 8601, UTC); `Code`, where there is one, must be `Success`.
 * @param origin names the answer in messages.
 * @throws Failure `CredentialsInvalid`, or `CredentialsExpired` when they were over before they arrived; nothing of a foreign body is quoted.
 */
export function temporaryCredentials(
  run: Run,
  body: Record<string, unknown>,
  origin: string,
): TemporaryCredentials {
  const { AccessKeyId, AccessKeySecret, SecurityToken, Expiration, Code } = body;
  if (isPrintable(AccessKeySecret)) run.secrets.add(AccessKeySecret);
  if (isPrintable(SecurityToken)) run.secrets.add(SecurityToken);
  const expiresAt = isUtcTime(Expiration) ? Date.parse(Expiration) : Number.NaN;
  if (Code !== undefined && Code !== "Success") throw invalid(origin, "says that it failed");
  if (!isPrintable(AccessKeyId) || !isPrintable(AccessKeySecret) || !isPrintable(SecurityToken)) {
    throw invalid(origin, "holds no AccessKeyId, AccessKeySecret and SecurityToken");
  }
  if (Number.isNaN(expiresAt)) throw invalid(origin, "holds no Expiration time such as 2030-01-01T00:00:00Z");
  if (expiresAt <= run.now()) throw expired(origin, expiresAt, run.now());
  return {
    accessKeyId: AccessKeyId,
    accessKeySecret: AccessKeySecret,
    securityToken: SecurityToken,
    expiresAt,
  };
}

/** With its zone, as @alicloud/credentials demands (`providers/time`): without one a node's own zone would count. */
function isUtcTime(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value);
}

function invalid(origin: string, why: string): Failure {
  return new Failure(`${origin} ${why}`, {
    code: "CredentialsInvalid",
    transient: true,
    remedy: "check what answers there",
  });
}

function expired(origin: string, expiresAt: number, now: number): Failure {
  const at = (ms: number) => new Date(ms).toISOString();
  return new Failure(`${origin} expired at ${at(expiresAt)}, before it arrived at ${at(now)}`, {
    code: "CredentialsExpired",
    transient: true,
    remedy: "set the node's clock (NTP)",
  });
}
