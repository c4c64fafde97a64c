/** Profiles as people write them, for the judges of both formats. */

const pair = { access_key_id: "LTAIexample0000", access_key_secret: "secret0000" };
const role = { ...pair, ram_role_arn: "acs:ram::1:role/r", ram_session_name: "by-profile" };

/** Of the command line's config.json. */
export const cliProfiles: readonly object[] = [
  { mode: "AK", ...pair },
  { mode: "AK", ...pair, sts_token: "not-of-this-mode" },
  { mode: "StsToken", ...pair, sts_token: "token0000" },
  { mode: "RamRoleArn", ...role },
  { mode: "RamRoleArn", ...role, expired_seconds: 1800 },
  { mode: "RamRoleArn", ...role, expired_seconds: 0 },
];

const key = "type = access_key\naccess_key_id = LTAIexample0000\n";
const ofRole =
  "type=ram_role_arn\naccess_key_id=LTAIexample0000\naccess_key_secret=s0\nrole_arn=acs:ram::1:role/r\n";

/** Of an INI file; each is what stands below `[p]`. */
export const iniSections: readonly string[] = [
  `${key}access_key_secret = secret0000`,
  `${key}access_key_secret = secret0000 ; a comment`,
  `${key}access_key_secret = secret0000# a comment`,
  `${key}access_key_secret = "secret;0000"`,
  `${key}access_key_secret = 'secret#0000'`,
  `${key}access_key_secret = secret\\;\\#\\\\0000`,
  `${key}access_key_secret = sec=ret/+0000==`,
  `${key}access_key_secret = "secret\\u0030"`,
  `${key}access_key_secret = first\n[other]\naccess_key_secret = no\n[p]\naccess_key_secret = last`,
  `${ofRole}role_session_name = by-ini`,
  `${ofRole}role_session_name = by-ini\npolicy = {"Version":"1","Statement":[]}`,
];
