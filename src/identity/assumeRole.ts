import type { AssumeRoleConfig } from "../config/config.ts";
import type { Identity, IdentityContext, IdentitySetting } from "./identity.ts";

/**
 * A RAM role, assumed by the identity before it (STS AssumeRole). The session is kept between runs under the
 * key of the whole chain.
 */
export function fromAssumeRole(
  { config }: IdentitySetting,
  before: Identity,
  role: AssumeRoleConfig,
  context: IdentityContext,
): Identity {
  const { roleArn, sessionName = "", durationSeconds = 0, externalId = "", policy = "" } = role;
  const key = JSON.stringify([
    before.key,
    "assumeRole",
    roleArn,
    sessionName,
    durationSeconds,
    externalId,
    policy,
    config.endpoints.sts ?? "",
  ]);
  const name = `${before.name} > ${roleArn}`;
  return {
    name,
    key,
    sts: { regionId: context.regionId, network: context.network },
    credentials: async (run) => {
      const { keptSession } = await import("./session.ts");
      const { assumeRole } = await import("./sts.ts");
      return keptSession(run, { key, name }, (within) => assumeRole(within, before, role, context));
    },
    forget: async (run) => {
      await run.cache.remove("session", key);
      await before.forget?.(run);
    },
  };
}
