import type { Identity, IdentityContext, IdentitySetting, WebIdentity } from "./identity.ts";

/** A RAM role, assumed with an OIDC token (STS AssumeRoleWithOIDC). The session is kept between runs. */
export function fromWebIdentity(
  { config }: IdentitySetting,
  web: WebIdentity,
  context: IdentityContext,
): Identity {
  const { source, holder, roleArn, oidcProviderArn, sessionName = "", durationSeconds = 0 } = web;
  const options = [roleArn, oidcProviderArn, sessionName, durationSeconds, web.policy ?? ""];
  const key = JSON.stringify([source, ...holder, ...options, config.endpoints.sts ?? ""]);
  const name = `${source} ${holder[0]} > ${roleArn}`;
  return {
    name,
    key,
    sts: { regionId: context.regionId, network: context.network },
    credentials: async (run) => {
      const { keptSession } = await import("./session.ts");
      const { assumeRoleWithOidc } = await import("./sts.ts");
      return keptSession(run, { key, name }, (within) => assumeRoleWithOidc(within, web, context));
    },
    forget: (run) => run.cache.remove("session", key),
  };
}
