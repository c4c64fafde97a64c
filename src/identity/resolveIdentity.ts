import type { IdentityConfig } from "../config/config.ts";
import { fromAccessKey } from "./accessKey.ts";
import { fromAssumeRole } from "./assumeRole.ts";
import { fromAuto } from "./auto.ts";
import { fromEcsRamRole } from "./ecsRamRole.ts";
import { type Identity, type IdentityContext, type IdentitySetting, memoised } from "./identity.ts";
import { fromServiceAccountToken } from "./serviceAccountToken.ts";

/**
 * The identity that a config means for this pull: its source, then each role of `assumeRoles` with the identity
 * before it. Works with local files and variables only; the network is used by `credentials()`, once in a run.
 * @throws Failure: a source that is not set up, or a service account's token that was needed and not sent.
 */
export async function resolveIdentity(
  setting: IdentitySetting,
  config: IdentityConfig,
  context: IdentityContext,
): Promise<Identity> {
  const isPods = config.source === "serviceAccountToken";
  // A pod without service account token (a static pod) is somebody else, with roles of its own or none.
  if (isPods && context.serviceAccount === undefined && config.fallback !== undefined) {
    return resolveIdentity(setting, config.fallback, context);
  }
  const own = isPods ? context : withoutPod(context);
  let identity = await fromSource(setting, config, own);
  for (const role of config.assumeRoles) identity = fromAssumeRole(setting, identity, role, own);
  return memoised(identity);
}

/** All pods share a node's identity and its sessions: none of them may give these its name. */
function withoutPod({ regionId, network }: IdentityContext): IdentityContext {
  return { regionId, network };
}

async function fromSource(
  setting: IdentitySetting,
  config: IdentityConfig,
  context: IdentityContext,
): Promise<Identity> {
  switch (config.source) {
    case "auto":
      return fromAuto(setting, context);
    case "accessKey":
      return fromAccessKey(setting, config);
    case "ecsRamRole":
      return fromEcsRamRole(setting, config.roleName);
    case "serviceAccountToken":
      return fromServiceAccountToken(setting, config, context);
    case "oidcTokenFile":
      return (await import("./oidcTokenFile.ts")).fromOidcTokenFile(setting, config, context);
    case "profile":
      return (await import("./profile/profile.ts")).fromProfile(setting, config, context);
    case "credentialsUri":
      return (await import("./credentialsUri.ts")).fromCredentialsUri(setting, config.uri);
  }
}
