import { Failure } from "../failure/failure.ts";
import { fromPair } from "./accessKey.ts";
import { fromEcsRamRole } from "./ecsRamRole.ts";
import type { Identity, IdentityContext, IdentitySetting } from "./identity.ts";
import { profileFile } from "./profile/profileFile.ts";

/**
 * The first of the sources that is set up (contract, section 5): AccessKey variables, OIDC variables, a profile
 * file, the credentials URI variable, the node's RAM role. Variable names are those of @alicloud/credentials.
 * @throws Failure `IdentityMissing` when none is.
 */
export async function fromAuto(setting: IdentitySetting, context: IdentityContext): Promise<Identity> {
  const { env } = setting;
  const byVariables = fromAccessKeyVariables(setting) ?? (await fromOidcVariables(setting, context));
  if (byVariables !== undefined) return byVariables;
  const file = profileFile(env);
  if (file !== undefined) {
    return (await import("./profile/profile.ts")).fromProfile(setting, { file }, context);
  }
  if (env.ALIBABA_CLOUD_CREDENTIALS_URI) {
    const { fromCredentialsUri } = await import("./credentialsUri.ts");
    return fromCredentialsUri(setting, env.ALIBABA_CLOUD_CREDENTIALS_URI);
  }
  if (env.ALIBABA_CLOUD_ECS_METADATA_DISABLED?.toLowerCase() !== "true") return fromEcsRamRole(setting);
  throw new Failure(
    "find an identity: no source of identity auto is set up, and the node's role is switched off",
    {
      code: "IdentityMissing",
      remedy:
        "configure identity.source, or set ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET, the OIDC variables, a profile file or ALIBABA_CLOUD_CREDENTIALS_URI, or remove ALIBABA_CLOUD_ECS_METADATA_DISABLED",
    },
  );
}

function fromAccessKeyVariables(setting: IdentitySetting): Identity | undefined {
  const {
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: securityToken,
  } = setting.env;
  if (!accessKeyId || !accessKeySecret) return undefined;
  return fromPair(
    setting,
    { accessKeyId, accessKeySecret, ...(securityToken ? { securityToken } : {}) },
    "environment",
  );
}

/** As the RRSA webhook injects them into pods. */
async function fromOidcVariables(
  setting: IdentitySetting,
  context: IdentityContext,
): Promise<Identity | undefined> {
  const {
    ALIBABA_CLOUD_ROLE_ARN: roleArn,
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProviderArn,
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: path,
  } = setting.env;
  if (!roleArn || !oidcProviderArn || !path) return undefined;
  const { fromOidcTokenFile } = await import("./oidcTokenFile.ts");
  const { stsContext } = await import("./stsContext.ts");
  return fromOidcTokenFile(setting, { path, roleArn, oidcProviderArn }, stsContext(setting, context));
}
