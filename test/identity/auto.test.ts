import { afterAll, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "../cloud/cloud.ts";
import { keyA, keyB, oidcProvider, rolePodPuller } from "../cloud/defaultWorld.ts";
import { failureOf } from "../support/testRun.ts";
import { cloudRun, identityOf } from "./support/cloudIdentity.ts";

const cloud = await startCloud();
const home = mkdtempSync(join(tmpdir(), "identity-auto-"));
afterAll(async () => {
  await cloud.stop();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => cloud.reset());

const ini = join(home, "credentials.ini");
writeFileSync(
  ini,
  `[default]\ntype = access_key\naccess_key_id = ${keyB.id}\naccess_key_secret = ${keyB.secret}\n`,
  {
    mode: 0o600,
  },
);
mkdirSync(join(home, ".aliyun"));
const cliProfile = {
  name: "p",
  mode: "AK",
  access_key_id: "LTAIcliCliCliCli",
  access_key_secret: "CANARYcliSecret",
};
writeFileSync(join(home, ".aliyun/config.json"), JSON.stringify({ current: "p", profiles: [cliProfile] }), {
  mode: 0o600,
});
mkdirSync(join(home, ".alibabacloud"));
writeFileSync(
  join(home, ".alibabacloud/credentials"),
  "[default]\ntype = access_key\naccess_key_id = LTAIiniIniIniIni\naccess_key_secret = CANARYiniSecret\n",
  { mode: 0o600 },
);

const keys = { ALIBABA_CLOUD_ACCESS_KEY_ID: keyA.id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: keyA.secret };
const oidc = {
  ALIBABA_CLOUD_ROLE_ARN: rolePodPuller,
  ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProvider,
  ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/var/run/token",
};
const file = { ALIBABA_CLOUD_CREDENTIALS_FILE: ini };
const homes = { HOME: home };
const uri = { ALIBABA_CLOUD_CREDENTIALS_URI: cloud.endpoints.credentialsUri };

/** Each source with everything that comes after it set up as well. */
const order: [string, Record<string, string>, string][] = [
  ["AccessKey variables", { ...keys, ...oidc, ...file, ...homes, ...uri }, `accessKey ${keyA.id}`],
  [
    "OIDC variables",
    { ...oidc, ...file, ...homes, ...uri },
    `oidcTokenFile /var/run/token > ${rolePodPuller}`,
  ],
  ["OIDC variables, but two of three", { ...oidc, ALIBABA_CLOUD_ROLE_ARN: "", ...uri }, "credentialsUri "],
  ["half an AccessKey pair", { ALIBABA_CLOUD_ACCESS_KEY_ID: keyA.id, ...uri }, "credentialsUri "],
  [
    "the named profile file",
    { ...file, ...homes, ...uri },
    `profile default: accessKey ${keyB.id.slice(0, 8)}`,
  ],
  ["the CLI's profile in HOME", { ...homes, ...uri }, "profile p: AK"],
  [
    "the INI file in HOME when the CLI's is disabled",
    { ...homes, ...uri, ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "true" },
    "profile default: accessKey LTAIiniI…iIni",
  ],
  ["the credentials URI", uri, `credentialsUri ${cloud.endpoints.credentialsUri}`],
  ["the node's role", {}, "ecsRamRole (the node's role)"],
  ["the node's role by name", { ALIBABA_CLOUD_ECS_METADATA: "worker" }, "ecsRamRole worker"],
];

for (const [name, env, expected] of order) {
  test(`auto takes ${name}, and asks nobody`, async () => {
    const run = cloudRun(cloud, { env });
    const identity = await identityOf(run, { source: "auto" });
    expect(identity.name).toStartWith(expected);
    expect(cloud.requests).toEqual([]);
  });
}

test("auto takes the security token variable along", async () => {
  const env = { ...keys, ALIBABA_CLOUD_SECURITY_TOKEN: "CANARYtoken" };
  const run = cloudRun(cloud, { env });
  const identity = await identityOf(run, { source: "auto" });
  expect(await identity.credentials(run)).toEqual({
    accessKeyId: keyA.id,
    accessKeySecret: keyA.secret,
    securityToken: "CANARYtoken",
  });
});

test("nothing set up and the metadata service switched off: an error that lists the ways", async () => {
  const env = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "True" };
  const failure = await failureOf(identityOf(cloudRun(cloud, { env }), { source: "auto" }));
  expect(failure.code).toBe("IdentityMissing");
  for (const way of ["identity.source", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_CREDENTIALS_URI"]) {
    expect(failure.remedy).toContain(way);
  }
});
