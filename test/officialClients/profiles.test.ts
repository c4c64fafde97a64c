import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { cliProfiles, iniSections } from "../identity/support/profileSamples.ts";
import { officialClients } from "../kubelet/setup/paths.ts";
import { ended } from "./officialClient.ts";
import { ourSteps, type PrintedProvider, theirSteps } from "./profileSteps.ts";

const directory = mkdtempSync(`${tmpdir()}/official-profiles-`);
const file = `${directory}/profiles`;
/** The token file of the profiles of credentials-go's tests, which is not there; ours stands in. */
const TOKEN = "path/to/oidc/file";
const tokenFile = `${directory}/token`;
beforeAll(() => writeFileSync(tokenFile, "a-token", { mode: 0o600 }));
afterAll(() => rmSync(directory, { recursive: true }));

/** Profiles that the two read differently, and why. */
const knownDifferences: Readonly<Record<string, string>> = {
  noecs:
    "without role_name we ask the metadata service for the role, as credentials-go does where it is empty",
  'access_key_secret = "secret;0000"': "in quotes ; is part of the value, as the npm package has it",
  "access_key_secret = 'secret#0000'": "in quotes # is part of the value, as the npm package has it",
  "access_key_secret = secret\\;\\#\\\\0000": "backslashes escape, as the npm package has it",
  'access_key_secret = "secret\\u0030"': "text in double quotes is read as JSON, as the npm package has it",
};

/** Fails unless both make the same of the profiles, or something else of those that are known to differ. */
async function compare(format: "cli" | "ini", text: string, names: readonly string[], title?: string) {
  writeFileSync(file, text.replaceAll(TOKEN, tokenFile), { mode: 0o600 });
  const { status, stdout, stderr } = await ended([officialClients, "profiles", format, file, ...names], {});
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const printed = JSON.parse(stdout) as Record<string, PrintedProvider>;
  for (const name of names) {
    const [ours, theirs] = [
      await ourSteps(file, name),
      theirSteps(printed[name] ?? {}, { [tokenFile]: "a-token" }),
    ];
    if (knownDifferences[title ?? name] === undefined)
      expect({ name, reading: ours }).toEqual({ name, reading: theirs });
    else expect({ name, reading: ours }).not.toEqual({ name, reading: theirs });
  }
}

const whereItIs = ["go", "list", "-m", "-f", "{{.Dir}}", "github.com/aliyun/credentials-go"];

describe.skipIf(!process.env.ACR_TEST_KUBELET)("profiles as aliyun/credentials-go reads them", () => {
  let fixtures = "";
  beforeAll(async () => {
    const { stdout } = Bun.spawnSync(whereItIs, { cwd: `${import.meta.dir}/go` });
    fixtures = `${stdout.toString().trim()}/credentials/providers/fixtures`;
    if (!existsSync(fixtures)) throw new Error(`credentials-go has no ${fixtures}`);
  });

  test("its own config.json", async () => {
    const text = readFileSync(`${fixtures}/.aliyun/config.json`, "utf8");
    const names = JSON.parse(text).profiles.map((profile: { name: string }) => profile.name);
    expect(names.length).toBeGreaterThan(10);
    await compare("cli", text, [...names, "none"]);
  });

  test("its own files for the command line", async () => {
    for (const name of ["mock_cli_config", "mock_empty_cli_config", "invalid_cli_config"]) {
      await compare("cli", readFileSync(`${fixtures}/${name}.json`, "utf8"), ["default", "jacksontian"]);
    }
  });

  test("its own INI file", async () => {
    const text = readFileSync(`${fixtures}/.alibabacloud/credentials`, "utf8");
    const names = [...text.matchAll(/^\[(.*)\]/gm)].map(([, name]) => name as string);
    expect(names.length).toBeGreaterThan(10);
    await compare("ini", text, [...names, "none"]);
  });

  const role = {
    access_key_id: "LTAIexample0000",
    access_key_secret: "s0",
    ram_role_arn: "acs:ram::1:role/r",
  };
  const oidc = { oidc_token_file: TOKEN, oidc_provider_arn: "acs:ram::1:oidc-provider/p" };
  const more: object[] = [
    {
      mode: "RamRoleArn",
      ...role,
      policy: '{"Version":"1"}',
      external_id: "for-us",
      sts_region: "cn-beijing",
    },
    {
      mode: "RamRoleArn",
      ...role,
      sts_token: "not-of-this-mode",
      enable_vpc: true,
      sts_region: "cn-beijing",
    },
    {
      mode: "OIDC",
      ...oidc,
      ram_role_arn: "acs:ram::1:role/r",
      expired_seconds: 1800,
      ram_session_name: "named",
    },
    { mode: "OIDC", ...oidc, policy: '{"Version":"1"}' },
    { mode: "AK", access_key_secret: "s0" },
    { mode: "StsToken", access_key_id: "LTAIexample0000", access_key_secret: "s0" },
    { mode: "EcsRamRole" },
  ];
  test.each([...cliProfiles, ...more])("%j", async (profile) => {
    const text = JSON.stringify({ current: "p", profiles: [{ name: "p", ...profile }] });
    await compare("cli", text, ["p"]);
  });

  test.each([...iniSections])("INI: %j", async (section) => {
    await compare("ini", `; a comment\n# another\n\n[p]\n${section}\n`, ["p"], section.split("\n").at(-1));
  });
});
