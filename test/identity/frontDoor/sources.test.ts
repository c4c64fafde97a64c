import { describe, expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import {
  keyA,
  minimalKeyA,
  nodeRoleName,
  oidcProvider,
  roleAnyPod,
  rolePodPuller,
} from "../../cloud/defaultWorld.ts";
import type { FaultEffect } from "../../cloud/faults/faultBook.ts";
import { writeKeyFiles, writeNodeFile } from "../support/files.ts";
import { corp, IMAGE, useIdentityNode } from "../support/identityNode.ts";
import { expectFailure, opened, operations } from "../support/outcomes.ts";

const at = useIdentityNode();
const registries = [corp];
const podToken = (name = "puller") =>
  at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: name });

async function caller(identity: object, options = {}): Promise<string> {
  at.node.configure({ registries, identity, cache: { enabled: false } });
  return opened(at.cloud, await at.node.pull(IMAGE, options)).caller;
}

describe("accessKey", () => {
  test("inline", async () => {
    const inline = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
    expect(await caller(inline)).toEndWith(":user/puller");
    expect(operations(at.cloud)).toEqual(["GetAuthorizationToken"]);
  });

  test("a directory, read at every run, so that rotation needs no restart", async () => {
    const identity = { source: "accessKey", directory: writeKeyFiles(at.node, keyA) };
    expect(await caller(identity)).toEndWith(":user/puller");
    writeKeyFiles(at.node, minimalKeyA);
    expect(await caller(identity)).toEndWith(":user/minimal");
  });

  test("a directory with a security token: a session made elsewhere", async () => {
    const answer = await fetch(at.cloud.endpoints.credentialsUri);
    const session = (await answer.json()) as Record<string, string>;
    const { AccessKeyId: id = "", AccessKeySecret: secret = "", SecurityToken: token = "" } = session;
    const identity = { source: "accessKey", directory: writeKeyFiles(at.node, { id, secret, token }) };
    expect(await caller(identity)).toContain("/uri-puller/credentials-uri");
  });

  test("a directory that others can read is refused, and the file named", async () => {
    const directory = writeKeyFiles(at.node, keyA);
    at.node.configure({ registries, identity: { source: "accessKey", directory } });
    chmodSync(`${directory}/access-key-secret`, 0o640);
    const result = await at.node.pull(IMAGE);
    expectFailure(at.cloud, result, [`${directory}/access-key-secret`, "0640", "chmod 0600"], 2);
    expect(result.stderr).toContain(
      "access-key-secret (AccessKey): a secret's file must be readable by root only",
    );
    expect(at.cloud.requests).toEqual([]);
  });
});

describe("ecsRamRole", () => {
  test("the attached role", async () => {
    expect(await caller({ source: "ecsRamRole" })).toContain(`/${nodeRoleName}/`);
  });

  test("by name, which saves a request", async () => {
    expect(await caller({ source: "ecsRamRole", roleName: nodeRoleName })).toContain(`/${nodeRoleName}/`);
    expect(operations(at.cloud)).toEqual([
      "MetadataToken",
      "MetadataRoleCredentials",
      "GetAuthorizationToken",
    ]);
  });

  test.each([
    ["another role than the attached one", "other", ["RamRoleNotAttached", "other", "identity.roleName"]],
    ["no role attached", undefined, ["NoRamRole", "attach a RAM role"]],
  ])("%s", async (_name, roleName, words) => {
    if (roleName === undefined) at.cloud.world.node.roleName = null;
    at.node.configure({ registries, identity: { source: "ecsRamRole", ...(roleName && { roleName }) } });
    expectFailure(at.cloud, await at.node.pull(IMAGE), words);
  });
});

describe("serviceAccountToken", () => {
  const identity = { source: "serviceAccountToken", roleArn: rolePodPuller, oidcProviderArn: oidcProvider };
  const fallback = { source: "ecsRamRole" };

  test("the pod's token", async () => {
    expect(await caller(identity, { serviceAccountToken: podToken() })).toContain("/pod-puller/apps.puller@");
    expect(operations(at.cloud)).toEqual(["AssumeRoleWithOIDC", "GetAuthorizationToken"]);
  });

  test("with a fallback the pod's token still counts", async () => {
    const result = await caller({ ...identity, fallback }, { serviceAccountToken: podToken() });
    expect(result).toContain("/pod-puller/");
  });

  test("a static pod takes the fallback, with roles of its own", async () => {
    expect(await caller({ ...identity, fallback })).toContain(`/${nodeRoleName}/`);
  });

  test("a pod that RAM refuses does not take the fallback", async () => {
    at.node.configure({ registries, identity: { ...identity, fallback } });
    const result = await at.node.pull(IMAGE, { serviceAccountToken: podToken("other") });
    expectFailure(at.cloud, result, ["apps/other", rolePodPuller]);
    expect(operations(at.cloud)).toEqual(["AssumeRoleWithOIDC"]);
  });
});

describe("oidcTokenFile", () => {
  test("is trimmed, read again at every exchange, and sent in the body only", async () => {
    const path = writeNodeFile(at.node, "token", "");
    const identity = { source: "oidcTokenFile", path, roleArn: roleAnyPod, oidcProviderArn: oidcProvider };
    for (const name of ["first", "second"]) {
      const token = podToken(name);
      writeFileSync(path, `\n ${token}\n\n`);
      expect(await caller(identity)).toContain("/any-pod/");
      expect(at.cloud.calls("AssumeRoleWithOIDC").at(-1)?.parameters.OIDCToken).toBe(token);
    }
    for (const { target } of at.cloud.requests) expect(target).not.toContain("OIDCToken");
  });

  test.each([
    ["missing", undefined, "it does not exist"],
    ["empty", " \n", "it is empty"],
  ])("%s: the file is named", async (_name, content, cause) => {
    const path = `${at.node.directory}/token`;
    if (content !== undefined) writeFileSync(path, content);
    const identity = { source: "oidcTokenFile", path, roleArn: roleAnyPod, oidcProviderArn: oidcProvider };
    at.node.configure({ registries, identity });
    expectFailure(at.cloud, await at.node.pull(IMAGE), [path, cause], 2);
  });
});

describe("credentialsUri", () => {
  const uri = () => at.cloud.endpoints.credentialsUri;

  test.each([
    ["http://10.0.0.1/CANARY", "in the clear"],
    ["ftp://127.0.0.1/CANARY", "http:// or https://"],
    ["https://user:CANARY@127.0.0.1/", "user name or password"],
  ])("%s is refused by config validate and by a pull alike", async (address, cause) => {
    at.node.configure({ registries, identity: { source: "credentialsUri", uri: address } });
    const checked = await at.node.run(["config", "validate"]);
    const pulled = await at.node.pull(IMAGE);
    expect({ status: checked.status, stdout: checked.stdout }).toEqual({
      status: 2,
      stdout: expect.stringMatching(new RegExp(`^error: line \\d+: identity.uri: .*${cause}`)),
    });
    expectFailure(at.cloud, pulled, ["identity.uri", cause], 2);
    at.node.configure({ registries });
    const named = await at.node.pull(IMAGE, { env: { ALIBABA_CLOUD_CREDENTIALS_URI: address } });
    expectFailure(at.cloud, named, ["ALIBABA_CLOUD_CREDENTIALS_URI", cause], 2);
    expect(checked.stdout + pulled.stderr + named.stderr).not.toContain("CANARY");
    expect(at.cloud.requests).toEqual([]);
  });

  test("an answer of this machine", async () => {
    expect(await caller({ source: "credentialsUri", uri: uri() })).toContain("/uri-puller/");
    expect(operations(at.cloud)).toEqual(["CredentialsUri", "GetAuthorizationToken"]);
  });

  const ofCanary = (Expiration: string) =>
    JSON.stringify({
      AccessKeyId: "STS.CANARY",
      AccessKeySecret: "CANARY",
      SecurityToken: "CANARY",
      Expiration,
    });
  const wrong: [string, FaultEffect, string[]][] = [
    ["a refusal", { kind: "status", status: 403, body: "CANARY" }, ["Http403", "/credentials"]],
    ["a time without zone", { kind: "malformedJson", body: ofCanary("2099-01-01T00:00:00") }, ["Expiration"]],
    ["a time that is none", { kind: "malformedJson", body: ofCanary("2099") }, ["Expiration"]],
    ["no JSON", { kind: "malformedJson", body: "CANARY" }, ["JSON"]],
    ["half of the credentials", { kind: "wrongTypes", remove: ["SecurityToken"] }, ["CredentialsInvalid"]],
  ];
  test.each(wrong)("%s is named with the URI, and nothing of it is quoted", async (_name, effect, words) => {
    at.cloud.faults.set({ operation: "CredentialsUri", ...effect });
    at.node.configure({ registries, identity: { source: "credentialsUri", uri: uri() } });
    const result = await at.node.pull(IMAGE);
    expectFailure(at.cloud, result, [...words, new URL(uri()).host]);
    expect(result.stderr).not.toContain("CANARY");
  });
});
