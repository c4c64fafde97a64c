import { Failure } from "../../failure/failure.ts";
import { parseJsonObject } from "../../text/json.ts";
import { fromAssumeRole } from "../assumeRole.ts";
import { fromEcsRamRole } from "../ecsRamRole.ts";
import type { Identity, IdentityContext, IdentitySetting } from "../identity.ts";
import { fromOidcTokenFile } from "../oidcTokenFile.ts";
import { givenSessionName } from "../sessionName.ts";
import { stsContext, type WantedSts } from "../stsContext.ts";
import {
  type ProfileFields,
  type ProfileSource,
  pairOf,
  profileFields,
  profileInvalid,
} from "./profileFields.ts";

/** The file being read, and what its profiles become identities with. */
interface Reading {
  readonly setting: IdentitySetting;
  readonly file: string;
  readonly profiles: readonly unknown[];
  readonly context: IdentityContext;
}

/**
 * A profile of the `aliyun` command line's config.json; modes and fields as @alicloud/credentials 2.4.7 reads them
 * (`providers/cli_profile`), `external_id` as the command line itself does (aliyun/aliyun-cli, config/profile.go), and
 * `policy` as aliyun/credentials-go 1.4.14 does: to pass it over would give a session more than its owner wanted.
 * Modes for people at a terminal are refused.
 */
export async function fromCliProfile(
  setting: IdentitySetting,
  source: ProfileSource,
  context: IdentityContext,
): Promise<Identity> {
  const config = parseJsonObject(source.text);
  if (config === undefined || !Array.isArray(config.profiles)) {
    throw profileInvalid(source.file, source.name, "the file is not a JSON object with profiles");
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
      return fromRole(reading, profile, pairOf(setting, file, profile));
    case "ChainableRamRoleArn":
      return fromRole(
        reading,
        profile,
        await fromNamed(reading, profile.needed("source_profile"), [...above, name]),
      );
    case "AK":
      return keyPair("AK", pairOf(setting, file, profile));
    case "StsToken":
      return keyPair("StsToken", pairOf(setting, file, profile, profile.needed("sts_token")));
    default:
      throw unfit(reading, name, profile.optional("mode") ?? "");
  }
}

/** The pair as the identity itself; named after its mode, as the command line names it. */
function keyPair(mode: string, pair: Identity): Identity {
  return { ...pair, name: mode, key: JSON.stringify(["profile", mode, pair.key]) };
}

function fromRole(reading: Reading, profile: ProfileFields, before: Identity): Identity {
  const { setting, context } = reading;
  const sessionName = givenSessionName(setting, profile.optional("ram_session_name"));
  const durationSeconds = profile.number("expired_seconds");
  const externalId = profile.optional("external_id");
  const policy = profile.optional("policy");
  const role = {
    roleArn: profile.needed("ram_role_arn"),
    ...(sessionName === undefined ? {} : { sessionName }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(policy === undefined ? {} : { policy }),
  };
  return fromAssumeRole(setting, before, role, stsContext(setting, context, stsOf(reading, profile)));
}

function fromOidc(reading: Reading, profile: ProfileFields): Identity {
  const { setting, context } = reading;
  const web = {
    path: profile.needed("oidc_token_file"),
    oidcProviderArn: profile.needed("oidc_provider_arn"),
    roleArn: profile.needed("ram_role_arn"),
    sessionName: profile.optional("ram_session_name"),
    durationSeconds: profile.number("duration_seconds") ?? profile.number("expired_seconds"),
    policy: profile.optional("policy"),
  };
  return fromOidcTokenFile(setting, web, stsContext(setting, context, stsOf(reading, profile)));
}

function stsOf({ file }: Reading, profile: ProfileFields): WantedSts {
  return {
    region: profile.optional("sts_region"),
    origin: `sts_region of a profile in ${file}`,
    isVpc: profile.isTrue("enable_vpc"),
  };
}

/** Modes for people at a terminal: what they need, and why they are refused on a node. */
const interactiveModes: ReadonlyMap<string, string> = new Map([
  ["CloudSSO", "its sign-on ends after hours, and renewing it is a person's work"],
  ["OAuth", "its sign-on is renewed by writing to the file, which a full disk would cut short"],
  ["External", "it runs a command, which may outlive this process"],
]);

function unfit({ file }: Reading, name: string, mode: string): Failure {
  const reason = interactiveModes.get(mode);
  if (reason === undefined) {
    const known = ["AK", "StsToken", "EcsRamRole", "OIDC", "RamRoleArn", "ChainableRamRoleArn"];
    return profileInvalid(file, name, `its mode is none of ${known.join(", ")}`);
  }
  return new Failure(
    `read profile ${JSON.stringify(name)} in ${file}: mode ${mode} is not for nodes: ${reason}`,
    {
      code: "ProfileInvalid",
      remedy:
        "use mode EcsRamRole on ECS, OIDC with a token file, or AK with the AccessKey of a RAM user that may only pull",
      exitStatus: 2,
    },
  );
}
