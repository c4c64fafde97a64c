import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import type { IdentityContext } from "./context.ts";
import type { Identity } from "./identity.ts";
import type { WebIdentity } from "./webIdentitySource.ts";

/**
 * A RAM role, assumed with an OIDC token (STS AssumeRoleWithOIDC). The session is kept between runs.
 * @throws Failure `ConfigInvalid` when role or provider are missing.
 */
export function fromWebIdentity(run: Run, web: WebIdentity, context: IdentityContext): Identity {
  const { source, holder, roleArn, oidcProviderArn } = web;
  if (!roleArn || !oidcProviderArn) {
    throw new Failure(`identity ${source}: roleArn and oidcProviderArn are needed`, {
      code: "ConfigInvalid",
      remedy: "set identity.roleArn and identity.oidcProviderArn",
      exitStatus: 2,
    });
  }
  const { sessionName = "", durationSeconds = 0, policy = "" } = web;
  const options = [roleArn, oidcProviderArn, sessionName, durationSeconds, policy];
  const key = JSON.stringify([source, ...holder, ...options, run.config.endpoints.sts ?? ""]);
  return {
    name: `${source} ${holder[0] ?? ""} > ${roleArn}`,
    key,
    credentials: async () => {
      const { keptSession } = await import("./session.ts");
      const { assumeRoleWithOidc } = await import("./sts.ts");
      return keptSession(run, key, () =>
        assumeRoleWithOidc(run, { ...web, roleArn, oidcProviderArn }, context),
      );
    },
    forget: () => run.cache.remove("session", key),
  };
}
