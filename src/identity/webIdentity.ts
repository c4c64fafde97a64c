import type { Identity, IdentityContext, IdentitySetting } from "./identity.ts";

/** A role that is assumed with an OIDC token instead of an identity. */
export interface WebIdentity {
  /** How the config calls the source, for names and messages. */
  readonly source: string;
  /** What sets the token's holder apart, for the key; the first is the holder's name. */
  readonly holder: readonly [string, ...string[]];
  readonly roleArn: string;
  readonly oidcProviderArn: string;
  readonly sessionName?: string | undefined;
  readonly durationSeconds?: number | undefined;
  /** The raw token, read when it is needed. @throws Failure */
  readonly token: () => string;
}

/** A RAM role, assumed with an OIDC token (STS AssumeRoleWithOIDC). The session is kept between runs. */
export function fromWebIdentity(
  { config }: IdentitySetting,
  web: WebIdentity,
  context: IdentityContext,
): Identity {
  const { source, holder, roleArn, oidcProviderArn, sessionName = "", durationSeconds = 0 } = web;
  const options = [roleArn, oidcProviderArn, sessionName, durationSeconds];
  const key = JSON.stringify([source, ...holder, ...options, config.endpoints.sts ?? ""]);
  return {
    name: `${source} ${holder[0]} > ${roleArn}`,
    key,
    credentials: async (run) => {
      const { keptSession } = await import("./session.ts");
      const { assumeRoleWithOidc } = await import("./sts.ts");
      return keptSession(run, key, (within) => assumeRoleWithOidc(within, web, context));
    },
    forget: (run) => run.cache.remove("session", key),
  };
}
