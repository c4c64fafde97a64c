import { sha256Hex } from "../../text/digest.ts";
import { parseJsonObject } from "../../text/json.ts";
import { fromPair } from "../accessKey.ts";
import { fromAssumeRole } from "../assumeRole.ts";
import { fromEcsRamRole } from "../ecsRamRole.ts";
import type { Identity, IdentityContext, IdentitySetting } from "../identity.ts";
import { fromOidcTokenFile } from "../oidcTokenFile.ts";
import { type ProfileFields, type ProfileSource, profileFields, profileInvalid } from "./profileSource.ts";

/** The file being read, and what its profiles become identities with. */
interface Reading {
  readonly setting: IdentitySetting;
  readonly file: string;
  readonly profiles: readonly unknown[];
  readonly context: IdentityContext;
}

/**
 * A profile of the `aliyun` command line's config.json; modes and fields as @alicloud/credentials 2.4.7 reads them
 * (`providers/cli_profile`). Modes that call STS or the metadata service become identities of our own, which know
 * proxies, endpoints and the cache; the others are the library's.
 */
export async function fromCliProfile(
  setting: IdentitySetting,
  source: ProfileSource,
  context: IdentityContext,
): Promise<Identity> {
  const config = parseJsonObject(source.text);
  if (config === undefined || !Array.isArray(config.profiles)) {
    throw profileInvalid(source.file, source.name, "the file is no JSON object with profiles");
  }
  const name = source.name ?? (typeof config.current === "string" ? config.current : "default");
  const reading: Reading = { setting, file: source.file, profiles: config.profiles, context };
  const identity = await fromNamed(reading, name, []);
  return { ...identity, name: `profile ${name}: ${identity.name}` };
}

/** `above`: the profiles that lead here by `source_profile`. */
async function fromNamed(reading: Reading, name: string, above: readonly string[]): Promise<Identity> {
  const { setting, file, profiles } = reading;
  const found = profiles.find((one) => (one as { name?: unknown } | null)?.name === name);
  if (found === undefined) throw profileInvalid(file, name, "there is no such profile");
  if (above.includes(name)) throw profileInvalid(file, name, "its source_profile leads back to it");
  const profile = profileFields(file, name, found as Record<string, unknown>);
  switch (profile.optional("mode")) {
    case "EcsRamRole":
      return fromEcsRamRole(setting, profile.optional("ram_role_name"));
    case "OIDC":
      return fromOidc(reading, profile);
    case "RamRoleArn":
      return fromRole(reading, profile, pairOf(reading, profile));
    case "ChainableRamRoleArn":
      return fromRole(
        reading,
        profile,
        await fromNamed(reading, profile.needed("source_profile"), [...above, name]),
      );
    default:
      return fromLibraryMode(reading, profile, name);
  }
}

function pairOf({ setting, file }: Reading, profile: ProfileFields): Identity {
  const pair = {
    accessKeyId: profile.needed("access_key_id"),
    accessKeySecret: profile.needed("access_key_secret"),
  };
  return fromPair(setting, pair, file);
}

function fromRole({ setting, context }: Reading, profile: ProfileFields, before: Identity): Identity {
  const sessionName = profile.optional("ram_session_name");
  const durationSeconds = profile.number("expired_seconds");
  const role = {
    roleArn: profile.needed("ram_role_arn"),
    ...(sessionName === undefined ? {} : { sessionName }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  };
  return fromAssumeRole(setting, before, role, stsContext(profile, context));
}

function fromOidc({ setting, context }: Reading, profile: ProfileFields): Identity {
  const web = {
    path: profile.needed("oidc_token_file"),
    oidcProviderArn: profile.needed("oidc_provider_arn"),
    roleArn: profile.needed("ram_role_arn"),
    sessionName: profile.optional("ram_session_name"),
    durationSeconds: profile.number("duration_seconds") ?? profile.number("expired_seconds"),
  };
  return fromOidcTokenFile(setting, web, stsContext(profile, context));
}

function stsContext(profile: ProfileFields, context: IdentityContext): IdentityContext {
  const regionId = profile.optional("sts_region") ?? context.regionId;
  return { ...context, regionId, network: profile.isTrue("enable_vpc") ? "vpcFirst" : context.network };
}

/** Per mode: the fields without which the library would look elsewhere, and those that set one holder apart. */
const libraryModes: Readonly<Record<string, { needs: readonly string[]; key: readonly string[] }>> = {
  AK: { needs: ["access_key_id", "access_key_secret"], key: ["access_key_id"] },
  StsToken: { needs: ["access_key_id", "access_key_secret", "sts_token"], key: ["access_key_id"] },
  CloudSSO: {
    needs: ["cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config", "access_token"],
    key: ["cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config", "access_token"],
  },
  OAuth: {
    needs: ["oauth_site_type", "oauth_refresh_token"],
    key: ["oauth_site_type", "oauth_refresh_token"],
  },
  External: { needs: ["process_command"], key: ["process_command"] },
};

async function fromLibraryMode(
  { setting, file, profiles }: Reading,
  profile: ProfileFields,
  name: string,
): Promise<Identity> {
  const mode = profile.optional("mode") ?? "";
  const fields = libraryModes[mode];
  if (fields === undefined) {
    const known = ["EcsRamRole", "OIDC", "RamRoleArn", "ChainableRamRoleArn", ...Object.keys(libraryModes)];
    throw profileInvalid(file, name, `its mode is none of ${known.join(", ")}`);
  }
  for (const field of fields.needs) profile.needed(field);
  profile.addSecrets(setting.secrets);
  // Some of these fields are secrets, and keys are written to the cache.
  const holder = await sha256Hex(JSON.stringify(fields.key.map((field) => profile.needed(field))));
  return {
    name: mode,
    key: JSON.stringify(["profile", file, name, mode, holder]),
    credentials: async (run) => {
      const { cliProfileCredentials } = await import("./profileLibrary.ts");
      return cliProfileCredentials(run, { file, name, mode, profiles });
    },
  };
}
