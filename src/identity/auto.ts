import { existsSync } from "node:fs";
import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import { fromPair } from "./accessKey.ts";
import type { IdentityContext } from "./context.ts";
import { fromCredentialsUri } from "./credentialsUri.ts";
import { fromEcsRamRole } from "./ecsRamRole.ts";
import type { Identity } from "./identity.ts";
import { fromOidcTokenFile } from "./oidcTokenFile.ts";
import { fromProfile } from "./profile/profile.ts";
import { profileFiles } from "./profile/profileFiles.ts";

/**
 * The first of the sources that is set up (contract, section 5): AccessKey variables, OIDC variables, a profile
 * file, the credentials URI variable, the node's RAM role. Variable names are those of @alicloud/credentials.
 * @throws Failure `IdentityMissing` when none is.
 */
export async function fromAuto(run: Run, context: IdentityContext): Promise<Identity> {
  const { env } = run;
  const byVariables = fromAccessKeyVariables(run) ?? fromOidcVariables(run, context);
  if (byVariables !== undefined) return byVariables;
  const file = profileFiles(env).find(existsSync);
  if (file !== undefined) return fromProfile(run, { file }, context);
  if (env.ALIBABA_CLOUD_CREDENTIALS_URI) return fromCredentialsUri(run, env.ALIBABA_CLOUD_CREDENTIALS_URI);
  if (env.ALIBABA_CLOUD_ECS_METADATA_DISABLED?.toLowerCase() !== "true") return fromEcsRamRole(run);
  throw new Failure(
    "find an identity: no source of identity auto is set up, and the node's role is switched off",
    {
      code: "IdentityMissing",
      remedy:
        "configure identity.source, or set ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET, the OIDC variables, a profile file or ALIBABA_CLOUD_CREDENTIALS_URI, or remove ALIBABA_CLOUD_ECS_METADATA_DISABLED",
    },
  );
}

function fromAccessKeyVariables(run: Run): Identity | undefined {
  const {
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: securityToken,
  } = run.env;
  if (!accessKeyId || !accessKeySecret) return undefined;
  return fromPair(
    run,
    { accessKeyId, accessKeySecret, ...(securityToken ? { securityToken } : {}) },
    "environment",
  );
}

/** As the RRSA webhook injects them into pods. */
function fromOidcVariables(run: Run, context: IdentityContext): Identity | undefined {
  const {
    ALIBABA_CLOUD_ROLE_ARN: roleArn,
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProviderArn,
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: path,
    ALIBABA_CLOUD_STS_REGION: stsRegion,
    ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: vpcEnabled,
  } = run.env;
  if (!roleArn || !oidcProviderArn || !path) return undefined;
  const regionId = stsRegion || context.regionId;
  const network = vpcEnabled?.toLowerCase() === "true" ? "vpcFirst" : context.network;
  return fromOidcTokenFile(run, { path, roleArn, oidcProviderArn }, { ...context, regionId, network });
}
