import type { IdentityConfig } from "../config/config.ts";
import type { Run } from "../run/run.ts";
import { fromAccessKey } from "./accessKey.ts";
import { fromAssumeRole } from "./assumeRole.ts";
import { fromAuto } from "./auto.ts";
import type { IdentityContext } from "./context.ts";
import { fromCredentialsUri } from "./credentialsUri.ts";
import { fromEcsRamRole } from "./ecsRamRole.ts";
import type { Identity } from "./identity.ts";
import { fromOidcTokenFile } from "./oidcTokenFile.ts";
import { fromProfile } from "./profile/profile.ts";
import { fromServiceAccountToken } from "./serviceAccountToken.ts";

/**
 * The identity that a config means for this pull: its source, then each role of `assumeRoles` with the identity
 * before it. Works with local files and variables only; the network is used by `credentials()`.
 * @throws Failure: a source that is not set up, or a service account's token that was needed and not sent.
 */
export async function resolveIdentity(
  run: Run,
  config: IdentityConfig,
  context: IdentityContext,
): Promise<Identity> {
  if (usesFallback(config, context)) return resolveIdentity(run, config.fallback, context);
  const own = config.source === "serviceAccountToken" ? context : withoutPod(context);
  const source = await fromSource(run, config, own);
  return config.assumeRoles.reduce((before, role) => fromAssumeRole(run, before, role, own), source);
}

/** All pods share a node's identity and its sessions: none of them may give these its name. */
function withoutPod({ regionId, network }: IdentityContext): IdentityContext {
  return { regionId, network };
}

/** A pod without service account token (a static pod) is somebody else, with roles of its own or none. */
function usesFallback(
  config: IdentityConfig,
  context: IdentityContext,
): config is IdentityConfig & { fallback: IdentityConfig } {
  const { source, fallback } = config;
  return source === "serviceAccountToken" && context.serviceAccount === undefined && fallback !== undefined;
}

async function fromSource(run: Run, config: IdentityConfig, context: IdentityContext): Promise<Identity> {
  switch (config.source) {
    case "auto":
      return fromAuto(run, context);
    case "accessKey":
      return fromAccessKey(run, config);
    case "ecsRamRole":
      return fromEcsRamRole(run, config.roleName);
    case "serviceAccountToken":
      return fromServiceAccountToken(run, config, context);
    case "oidcTokenFile":
      return fromOidcTokenFile(run, config, context);
    case "profile":
      return fromProfile(run, config, context);
    case "credentialsUri":
      return fromCredentialsUri(run, config.uri);
  }
}
