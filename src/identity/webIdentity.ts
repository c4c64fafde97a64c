import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import type { IdentityContext } from "./context.ts";
import type { Identity } from "./identity.ts";

/** A role that is assumed with an OIDC token instead of an identity. */
export interface WebIdentity {
  /** How the config calls the source, for names and messages. */
  readonly source: string;
  /** What sets the token's holder apart, for the key. */
  readonly holder: readonly string[];
  readonly roleArn: string | undefined;
  readonly oidcProviderArn: string | undefined;
  readonly sessionName?: string | undefined;
  readonly durationSeconds?: number | undefined;
  readonly policy?: string | undefined;
  /** The raw token, read when it is needed. */
  readonly token: () => string;
}

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
