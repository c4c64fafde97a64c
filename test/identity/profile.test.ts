import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "../cloud/cloud.ts";
import {
  accountA,
  keyA,
  nodeRoleName,
  oidcProvider,
  roleAcr,
  roleAcrForAccountA,
  roleAssume,
  rolePodPuller,
} from "../cloud/defaultWorld.ts";
import { failureOf } from "../support/testRun.ts";
import { callerArn, cloudRun, identityOf } from "./support/cloudIdentity.ts";

const cloud = await startCloud();
const directory = mkdtempSync(join(tmpdir(), "identity-profile-"));
afterAll(async () => {
  await cloud.stop();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => cloud.reset());

let files = 0;
function write(content: string | object): string {
  const file = join(directory, `profile-${files++}`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 });
  return file;
}

const pair = { access_key_id: keyA.id, access_key_secret: keyA.secret };
const tokenFile = write(cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" }));
const external = write(`#!/bin/sh\necho '${JSON.stringify({ mode: "AK", ...pair })}'\n`);
chmodSync(external, 0o700);

const userArn = `acs:ram::${accountA}:user/puller`;
const assumed = (roleArn: string) => `${roleArn.replace(":role/", ":assumed-role/")}/`;

/** A profile of each mode of the CLI's config.json that needs nothing but this machine and the cloud. */
const profiles = [
  { name: "ak", mode: "AK", ...pair },
  {
    name: "role",
    mode: "RamRoleArn",
    ...pair,
    ram_role_arn: roleAcrForAccountA,
    ram_session_name: "by-profile",
  },
  { name: "assume", mode: "RamRoleArn", ...pair, ram_role_arn: roleAssume, expired_seconds: 900 },
  { name: "chain", mode: "ChainableRamRoleArn", source_profile: "assume", ram_role_arn: roleAcr },
  { name: "node", mode: "EcsRamRole", ram_role_name: nodeRoleName },
  {
    name: "oidc",
    mode: "OIDC",
    oidc_token_file: tokenFile,
    oidc_provider_arn: oidcProvider,
    ram_role_arn: rolePodPuller,
  },
];
const cli = write({ current: "ak", profiles });

describe("config.json of the aliyun command line", () => {
  const expected: [string, string][] = [
    ["ak", userArn],
    ["role", `${assumed(roleAcrForAccountA)}by-profile`],
    ["chain", assumed(roleAcr)],
    ["node", assumed(`acs:ram::${accountA}:role/${nodeRoleName}`)],
    ["oidc", assumed(rolePodPuller)],
  ];
  for (const [name, arn] of expected) {
    test(`profile ${name}`, async () => {
      const run = cloudRun(cloud);
      const identity = await identityOf(run, { source: "profile", file: cli, name });
      expect((await callerArn(run, identity)).toLowerCase()).toStartWith(arn.toLowerCase());
      expect(identity.name).toStartWith(`profile ${name}: `);
      expect(identity.name + identity.key).not.toContain(keyA.secret);
      expect(cloud.violations).toEqual([]);
    });
  }

  test("the current profile, unless ALIBABA_CLOUD_PROFILE or the config names one", async () => {
    const named = async (env: Record<string, string>, name?: string) =>
      (
        await identityOf(cloudRun(cloud, { env }), {
          source: "profile",
          file: cli,
          ...(name ? { name } : {}),
        })
      ).name;
    expect(await named({})).toStartWith("profile ak:");
    expect(await named({ ALIBABA_CLOUD_PROFILE: "node" })).toStartWith("profile node:");
    expect(await named({ ALIBABA_CLOUD_PROFILE: "node" }, "role")).toStartWith("profile role:");
  });

  test("StsToken hands the session on", async () => {
    const { accountId, roleName } = cloud.world.node;
    const nodeRun = cloudRun(cloud);
    const node = await identityOf(nodeRun, { source: "ecsRamRole" });
    const session = await node.credentials(nodeRun);
    const file = write({
      current: "s",
      profiles: [
        {
          name: "s",
          mode: "StsToken",
          access_key_id: session.accessKeyId,
          access_key_secret: session.accessKeySecret,
          sts_token: session.securityToken,
        },
      ],
    });
    const run = cloudRun(cloud);
    const arn = (await callerArn(run, await identityOf(run, { source: "profile", file }))).toLowerCase();
    expect(arn).toStartWith(`acs:ram::${accountId}:assumed-role/${roleName?.toLowerCase()}/`);
  });

  test("an empty field never leads to another identity from the environment", async () => {
    const env = { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAIother", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "CANARY" };
    const file = write({
      current: "p",
      profiles: [{ name: "p", mode: "AK", access_key_id: "", access_key_secret: "" }],
    });
    const failure = await failureOf(identityOf(cloudRun(cloud, { env }), { source: "profile", file }));
    expect(failure).toMatchObject({ code: "ProfileInvalid", exitStatus: 2 });
  });

  test("profiles that differ in who they are have different keys", async () => {
    const file = (id: string, mode = "AK") =>
      write({
        current: "p",
        profiles: [{ name: "p", mode, access_key_id: id, access_key_secret: "s", sts_token: "t" }],
      });
    const keys = await Promise.all(
      [file("LTAI1"), file("LTAI2"), file("LTAI1", "StsToken")].map(
        async (path) => (await identityOf(cloudRun(cloud), { source: "profile", file: path })).key,
      ),
    );
    expect(new Set(keys).size).toBe(3);
  });
});

describe("INI credentials file", () => {
  const ini = write(`
# a comment
[default]
type = access_key
access_key_id = ${keyA.id}
access_key_secret = "${keyA.secret}"
; another
[role]
type=ram_role_arn
access_key_id=${keyA.id}
access_key_secret=${keyA.secret}
role_arn=${roleAcrForAccountA}
role_session_name=by-ini
[node]
type = ecs_ram_role
role_name = ${nodeRoleName}
`);
  for (const [name, arn] of [
    [undefined, userArn],
    ["role", `${assumed(roleAcrForAccountA)}by-ini`],
    ["node", assumed(`acs:ram::${accountA}:role/${nodeRoleName}`)],
  ] as const) {
    test(`section ${name ?? "default"}`, async () => {
      const run = cloudRun(cloud);
      const identity = await identityOf(run, { source: "profile", file: ini, ...(name ? { name } : {}) });
      expect((await callerArn(run, identity)).toLowerCase()).toStartWith(arn.toLowerCase());
    });
  }
});

describe("a file that is wrong is named, and nothing of it is quoted", () => {
  const canary = "CANARYprofile";
  const wrong: [string, string | object, RegExp][] = [
    ["malformed JSON", `{"profiles": [{"access_key_secret": "${canary}"`, /not a JSON object with profiles/],
    ["no profiles", { current: "p", x: canary }, /not a JSON object with profiles/],
    [
      "no such profile",
      { current: "x", profiles: [{ name: "p", mode: canary }] },
      /there is no such profile/,
    ],
    ["an unknown mode", { current: "p", profiles: [{ name: "p", mode: canary }] }, /mode is none of .*AK/],
    [
      "a missing field",
      { current: "p", profiles: [{ name: "p", mode: "AK", access_key_secret: canary }] },
      /no access_key_id/,
    ],
    [
      "a loop",
      {
        current: "p",
        profiles: [{ name: "p", mode: "ChainableRamRoleArn", source_profile: "p", ram_role_arn: roleAcr }],
      },
      /leads back/,
    ],
    ["a profile that is no object", { current: "p", profiles: [null, 7, canary] }, /no such profile/],
    ["INI without the section", `[other]\naccess_key_secret = ${canary}`, /no such section/],
    ["INI with an unknown type", `[default]\ntype = ${canary}`, /type is none of/],
    [
      "INI with a missing field",
      `[default]\ntype = access_key\naccess_key_id = ${canary}`,
      /no access_key_secret/,
    ],
  ];
  for (const [name, content, message] of wrong) {
    test(name, async () => {
      const file = write(content);
      const failure = await failureOf(identityOf(cloudRun(cloud), { source: "profile", file }));
      expect(failure).toMatchObject({ code: "ProfileInvalid", exitStatus: 2 });
      expect(failure.message).toMatch(message);
      expect(failure.message).toContain(file);
      expect(failure.message + failure.remedy).not.toContain(canary);
    });
  }

  test("readable by others", async () => {
    const file = write({ current: "ak", profiles });
    chmodSync(file, 0o644);
    const failure = await failureOf(identityOf(cloudRun(cloud), { source: "profile", file }));
    expect(failure.code).toBe("SecretFileExposed");
  });

  test("none at all", async () => {
    const failure = await failureOf(identityOf(cloudRun(cloud), { source: "profile" }));
    expect(failure.code).toBe("ProfileInvalid");
  });

  const interactive: [mode: string, fields: object][] = [
    ["CloudSSO", { cloud_sso_sign_in_url: "https://sso.example", access_token: canary }],
    ["OAuth", { oauth_site_type: "CN", oauth_refresh_token: canary }],
    ["External", { process_command: `touch ${canary}` }],
  ];
  for (const [mode, fields] of interactive) {
    test(`${mode} is not for nodes: refused, nothing is run, sent or written`, async () => {
      const file = write({ current: "p", profiles: [{ name: "p", mode, ...fields }] });
      const before = readFileSync(file, "utf8");
      const failure = await failureOf(identityOf(cloudRun(cloud), { source: "profile", file }));
      expect(failure).toMatchObject({ code: "ProfileInvalid", exitStatus: 2 });
      expect(failure.message).toContain(`mode ${mode} is not for nodes`);
      expect(failure.remedy).toContain("EcsRamRole");
      expect(failure.message + failure.remedy).not.toContain(canary);
      expect(readFileSync(file, "utf8")).toBe(before);
      expect(cloud.requests).toEqual([]);
    });
  }
});
