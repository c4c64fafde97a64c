import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import {
  keyA,
  nodeRoleName,
  oidcProvider,
  roleAcr,
  roleAcrForAccountA,
  roleAssume,
  rolePodPuller,
} from "../../cloud/defaultWorld.ts";
import { writeNodeFile } from "../support/files.ts";
import { corp, IMAGE, SHARED, shared, useIdentityNode } from "../support/identityNode.ts";
import { expectFailure, opened, operations } from "../support/outcomes.ts";

const at = useIdentityNode();
const registries = [corp, shared];
const pair = { access_key_id: keyA.id, access_key_secret: keyA.secret };
const NODE_NAME = "node-1";

/** The aliyun command line's file, with a profile for each mode. */
function cliFile(): string {
  const token = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" });
  return writeNodeFile(at.node, "config.json", {
    current: "ak",
    profiles: [
      { name: "ak", mode: "AK", ...pair },
      { name: "role", mode: "RamRoleArn", ...pair, ram_role_arn: roleAssume, ram_session_name: "by-profile" },
      { name: "node", mode: "EcsRamRole", ram_role_name: nodeRoleName },
      {
        name: "oidc",
        mode: "OIDC",
        oidc_provider_arn: oidcProvider,
        oidc_token_file: writeNodeFile(at.node, "token", `${token}\n`),
        ram_role_arn: rolePodPuller,
      },
      { name: "chain", mode: "ChainableRamRoleArn", source_profile: "role", ram_role_arn: roleAcr },
    ],
  });
}

/** An INI file with a section for each type. */
function iniFile(): string {
  const text = (name: string, fields: Record<string, string>) =>
    [`[${name}]`, ...Object.entries(fields).map(([key, value]) => `${key} = ${value}`), ""].join("\n");
  return writeNodeFile(
    at.node,
    "credentials",
    [
      text("default", { type: "access_key", ...pair }),
      text("role", { type: "ram_role_arn", ...pair, role_arn: roleAcrForAccountA }),
      text("node", { type: "ecs_ram_role", role_name: nodeRoleName }),
    ].join("\n"),
  );
}

const session = (role: string, name: string) => `${role.replace(":role/", ":assumed-role/")}/${name}`;
const ours = "aliyun-acr-credential-provider@node-1";
const metadata = ["MetadataToken", "MetadataRoleCredentials"];
const cases: [file: () => string, name: string | undefined, caller: string, requests: string[]][] = [
  [cliFile, undefined, ":user/puller", []],
  [cliFile, "role", session(roleAssume, "by-profile"), ["AssumeRole"]],
  [cliFile, "node", `/${nodeRoleName}/`, metadata],
  [cliFile, "oidc", session(rolePodPuller, ours), ["AssumeRoleWithOIDC"]],
  [cliFile, "chain", session(roleAcr, ours), ["AssumeRole", "AssumeRole"]],
  [iniFile, undefined, ":user/puller", []],
  [iniFile, "role", session(roleAcrForAccountA, ours), ["AssumeRole"]],
  [iniFile, "node", `/${nodeRoleName}/`, metadata],
];
for (const [file, name, caller, requests] of cases) {
  test(`${file.name}, ${name ?? "its default"}: ${caller}`, async () => {
    const identity = { source: "profile", file: file(), ...(name && { name }) };
    at.node.configure({ registries, identity });
    const image = caller.includes("::1298452580000000:") ? `${SHARED}/apps/web` : IMAGE;
    const result = await at.node.pull(image, { env: { NODE_NAME } });
    expect(opened(at.cloud, result).caller).toContain(caller);
    expect(operations(at.cloud)).toEqual([...requests, "GetAuthorizationToken"]);
  });
}

test("ALIBABA_CLOUD_ROLE_SESSION_NAME names sessions of profiles that do not, and external_id is sent", async () => {
  const role = { mode: "RamRoleArn", ...pair, ram_role_arn: roleAssume, external_id: "for-this-partner" };
  const file = writeNodeFile(at.node, "config.json", { current: "p", profiles: [{ name: "p", ...role }] });
  const env = { NODE_NAME, ALIBABA_CLOUD_ROLE_SESSION_NAME: "by-environment" };
  at.node.configure({ registries, identity: { source: "profile", file } });
  expect(opened(at.cloud, await at.node.pull(IMAGE, { env })).caller).toEndWith("/by-environment");
  expect(at.cloud.calls("AssumeRole")[0]?.parameters.ExternalId).toBe("for-this-partner");
  at.node.configure({ registries, identity: { source: "profile", file: iniFile(), name: "role" } });
  expect(opened(at.cloud, await at.node.pull(`${SHARED}/x`, { env })).caller).toEndWith("/by-environment");
});

test("a policy in a profile takes permissions away from each session, as aliyun/credentials-go has it", async () => {
  const policy = JSON.stringify({
    Version: "1",
    Statement: [{ Effect: "Allow", Action: "cr:ListInstance", Resource: "*" }],
  });
  const token = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" });
  const oidc = {
    oidc_provider_arn: oidcProvider,
    oidc_token_file: writeNodeFile(at.node, "token", token),
    ram_role_arn: rolePodPuller,
  };
  const profiles = [
    { name: "RamRoleArn", mode: "RamRoleArn", ...pair, ram_role_arn: roleAssume, policy },
    { name: "AK", mode: "AK", ...pair },
    {
      name: "Chainable",
      mode: "ChainableRamRoleArn",
      source_profile: "AK",
      ram_role_arn: roleAssume,
      policy,
    },
    { name: "OIDC", mode: "OIDC", ...oidc, policy },
  ];
  const file = writeNodeFile(at.node, "config.json", { current: "p", profiles });
  for (const name of ["RamRoleArn", "Chainable", "OIDC"]) {
    at.cloud.requests.length = 0;
    at.node.configure({ registries, identity: { source: "profile", file, name } });
    expectFailure(at.cloud, await at.node.pull(IMAGE), ["GetAuthorizationToken", "NoPermission"]);
    expect(at.cloud.requests[0]?.parameters.Policy).toBe(policy);
  }
});

test("a comment behind a value of an INI file is not part of the value", async () => {
  const section = `[default]\ntype = access_key # of a user\naccess_key_id = ${keyA.id} ; the ID\n`;
  const file = writeNodeFile(at.node, "credentials", `${section}access_key_secret = "${keyA.secret}"\n`);
  at.node.configure({ registries, identity: { source: "profile", file } });
  expect(opened(at.cloud, await at.node.pull(IMAGE)).caller).toEndWith(":user/puller");
});

describe("a profile that does not work is named, and nothing of it is quoted", () => {
  const canary = "CANARYprofile0000";
  const script = (text: string) => () => ({
    mode: "External",
    process_command: writeNodeFile(at.node, "run", `#!/bin/sh\n${text}\n`, 0o700),
  });
  const wrong: [string, () => string | object, string[], number][] = [
    ["JSON that is cut", () => `{"profiles": ["${canary}"`, ["not a JSON object"], 2],
    ["a mode unknown to everybody", () => ({ mode: canary }), ["its mode is none of"], 2],
    ["an AccessKey without ID", () => ({ mode: "AK", access_key_secret: canary }), ["access_key_id"], 2],
    [
      "a command",
      () => script(`touch ${at.node.directory}/ran`)(),
      ["External is not for nodes", "EcsRamRole"],
      2,
    ],
    [
      "a sign-on of a person",
      () => ({ mode: "CloudSSO", cloud_sso_sign_in_url: "http://127.0.0.1:1/x", access_token: canary }),
      ["CloudSSO is not for nodes"],
      2,
    ],
  ];
  for (const [name, content, words, status] of wrong) {
    test(name, async () => {
      const given = content();
      const whole = typeof given === "string" ? given : { current: "p", profiles: [{ name: "p", ...given }] };
      const file = writeNodeFile(at.node, "config.json", whole);
      at.node.configure({ registries, identity: { source: "profile", file } });
      const result = await at.node.pull(IMAGE);
      expectFailure(at.cloud, result, [file, ...words], status);
      expect(result.stderr).not.toContain(canary);
      expect(existsSync(`${at.node.directory}/ran`)).toBe(false);
    });
  }
});
