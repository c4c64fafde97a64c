import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "../cloud/cloud.ts";
import {
  accountA,
  accountB,
  keyA,
  keyB,
  nodeRoleName,
  oidcProvider,
  roleAssume,
  rolePodPuller,
  roleUriPuller,
} from "../cloud/defaultWorld.ts";
import { failureOf } from "../support/testRun.ts";
import { callerArn, cloudRun, credentialsOf, identityOf, pod } from "./support/cloudIdentity.ts";

const cloud = await startCloud();
const directory = mkdtempSync(join(tmpdir(), "identity-sources-"));
afterAll(async () => {
  await cloud.stop();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => cloud.reset());

const inlineA = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret } as const;
const userA = `acs:ram::${accountA}:user/puller`;
const puller = { namespace: "apps", serviceAccount: "puller" };

describe("accessKey", () => {
  test("inline", async () => {
    const run = cloudRun(cloud);
    const identity = await identityOf(run, inlineA);
    expect(await callerArn(run, identity)).toBe(userA);
    expect(run.secrets.redact(keyA.secret)).toBe("***");
    expect(identity.name + identity.key).not.toContain(keyA.secret);
  });

  for (const odd of ["CANARY\nsecret", "CANARY secret", "CANARYü"]) {
    test(`${JSON.stringify(odd)} is no AccessKey, and is not quoted`, async () => {
      for (const part of [{ accessKeySecret: odd }, { accessKeyId: odd }, { securityToken: odd }]) {
        const failure = await failureOf(identityOf(cloudRun(cloud), { ...inlineA, ...part }));
        expect(failure).toMatchObject({ code: "ConfigInvalid", exitStatus: 2 });
        expect(failure.message).not.toContain("CANARY");
      }
    });
  }

  function writeKeys(name: string, id: string, secret: string, mode = 0o600): string {
    const path = join(directory, name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "access-key-id"), `${id}\n`, { mode: 0o600 });
    writeFileSync(join(path, "access-key-secret"), ` ${secret}\r\n`, { mode: 0o600 });
    chmodSync(join(path, "access-key-secret"), mode);
    return path;
  }

  test("directory: trimmed, read at every run, another pair is another identity", async () => {
    const keys = writeKeys("rotated", keyA.id, keyA.secret);
    const run = cloudRun(cloud);
    const before = await identityOf(run, { source: "accessKey", directory: keys });
    expect(await callerArn(run, before)).toBe(userA);
    writeKeys("rotated", keyB.id, keyB.secret);
    const after = await identityOf(run, { source: "accessKey", directory: keys });
    expect(await callerArn(run, after)).toContain(accountB);
    expect(after.key).not.toBe(before.key);
  });

  test("directory: links as in a mounted Secret are followed", async () => {
    const keys = writeKeys("linked", keyA.id, keyA.secret);
    const mount = join(directory, "mount");
    mkdirSync(mount);
    symlinkSync(join(keys, "access-key-id"), join(mount, "access-key-id"));
    symlinkSync(join(keys, "access-key-secret"), join(mount, "access-key-secret"));
    const run = cloudRun(cloud);
    expect(await callerArn(run, await identityOf(run, { source: "accessKey", directory: mount }))).toBe(
      userA,
    );
  });

  for (const mode of [0o640, 0o604, 0o666]) {
    test(`directory: a secret of mode ${mode.toString(8)} is an error with its remedy`, async () => {
      const keys = writeKeys(`mode-${mode}`, keyA.id, keyA.secret, mode);
      const failure = await failureOf(identityOf(cloudRun(cloud), { source: "accessKey", directory: keys }));
      expect(failure).toMatchObject({ code: "SecretFileExposed", exitStatus: 2 });
      expect(failure.remedy).toBe(`run "chmod 0600 ${join(keys, "access-key-secret")}"`);
    });
  }

  test("directory: every file that is wrong is named, each with what corrects it", async () => {
    const keys = writeKeys("both", keyA.id, keyA.secret, 0o640);
    const [id, secret] = [join(keys, "access-key-id"), join(keys, "access-key-secret")];
    const failure = () => failureOf(identityOf(cloudRun(cloud), { source: "accessKey", directory: keys }));
    chmodSync(id, 0o640);
    expect(await failure()).toMatchObject({
      message: expect.stringContaining(`read ${id} and ${secret} (AccessKey): `),
      remedy: `run "chmod 0600 ${id} ${secret}"`,
    });
    chmodSync(id, 0o604);
    expect((await failure()).remedy).toBe(`run "chmod 0600 ${id}", and run "chmod 0600 ${secret}"`);
    rmSync(id);
    const { message, remedy } = await failure();
    expect(message).toContain(`read ${id} (AccessKey): it does not exist; read ${secret} (AccessKey): `);
    expect(remedy).toMatch(/^create .*, and run "chmod 0600 .*access-key-secret"$/);
  });

  test("directory: what is missing is named", async () => {
    const failure = await failureOf(
      identityOf(cloudRun(cloud), { source: "accessKey", directory: "/nonexistent" }),
    );
    expect(failure).toMatchObject({ code: "SecretFileUnreadable", exitStatus: 2 });
    expect(failure.message).toBe(
      "read /nonexistent/access-key-id and /nonexistent/access-key-secret (AccessKey): they do not exist",
    );
  });
});

describe("ecsRamRole", () => {
  test("the node's own role, and its name from config or variable", async () => {
    const run = cloudRun(cloud);
    const arn = `acs:ram::${accountA}:assumed-role/${nodeRoleName.toLowerCase()}`;
    const own = await identityOf(run, { source: "ecsRamRole" });
    expect((await callerArn(run, own)).toLowerCase()).toStartWith(arn);
    const named = await identityOf(run, { source: "ecsRamRole", roleName: nodeRoleName });
    expect((await callerArn(run, named)).toLowerCase()).toStartWith(arn);
    const byVariable = cloudRun(cloud, { env: { ALIBABA_CLOUD_ECS_METADATA: nodeRoleName } });
    expect((await identityOf(byVariable, { source: "ecsRamRole" })).key).toBe(named.key);
    expect(cloud.violations).toEqual([]);
  });

  test("one run asks for one metadata token", async () => {
    const run = cloudRun(cloud);
    await credentialsOf(run, { source: "ecsRamRole" });
    await credentialsOf(run, { source: "ecsRamRole", roleName: nodeRoleName });
    expect(cloud.calls("MetadataToken")).toHaveLength(1);
  });
});

describe("serviceAccountToken", () => {
  const config = {
    source: "serviceAccountToken",
    roleArn: rolePodPuller,
    oidcProviderArn: oidcProvider,
  } as const;

  test("the pod's own role; the token is in no URL", async () => {
    const run = cloudRun(cloud);
    const serviceAccount = pod(cloud, puller);
    const identity = await identityOf(run, config, serviceAccount);
    expect(await callerArn(run, identity)).toStartWith(
      `acs:ram::${accountA}:assumed-role/pod-puller/apps.puller`,
    );
    expect(run.secrets.redact(serviceAccount.token?.raw ?? "")).toBe("***");
    expect(identity.name).toBe(`serviceAccountToken apps/puller > ${rolePodPuller}`);
    expect(identity.name + identity.key).not.toContain(serviceAccount.token?.raw ?? "no token");
    expect(cloud.violations).toEqual([]);
  });

  test("without a token: the fallback, with roles of its own only", async () => {
    const run = cloudRun(cloud);
    const fallback = { ...inlineA, assumeRoles: [] };
    const identity = await identityOf(run, { ...config, fallback, assumeRoles: [{ roleArn: roleAssume }] });
    expect(await callerArn(run, identity)).toBe(userA);
  });

  test("without a token and fallback it says what to put into CredentialProviderConfig", async () => {
    const failure = await failureOf(identityOf(cloudRun(cloud), config));
    expect(failure.code).toBe("ServiceAccountTokenMissing");
    expect(failure.remedy).toContain("tokenAttributes");
    expect(failure.remedy).toContain("CredentialProviderConfig");
    expect(failure.remedy).toContain("fallback");
  });
});

test("oidcTokenFile: trimmed and read again when it is needed", async () => {
  const path = join(directory, "token");
  const config = {
    source: "oidcTokenFile",
    path,
    roleArn: rolePodPuller,
    oidcProviderArn: oidcProvider,
  } as const;
  const run = cloudRun(cloud);
  writeFileSync(path, "not yet a token");
  const identity = await identityOf(run, config);
  expect((await failureOf(identity.credentials(run))).code).toBe("AuthenticationFail.OIDCToken.Invalid");
  writeFileSync(path, `\n ${pod(cloud, puller).token?.raw}\n`);
  expect(await callerArn(run, identity)).toStartWith(`acs:ram::${accountA}:assumed-role/pod-puller/`);
});

describe("credentialsUri", () => {
  test("answers with credentials", async () => {
    const run = cloudRun(cloud);
    const identity = await identityOf(run, { source: "credentialsUri", uri: cloud.endpoints.credentialsUri });
    const arn = `${roleUriPuller.replace(":role/", ":assumed-role/")}/`;
    expect(await callerArn(run, identity)).toStartWith(arn);
    expect((await identity.credentials(run)).expiresAt).toBeGreaterThan(Date.now());
  });

  test("its query sets identities apart and shows nowhere", async () => {
    const one = await identityOf(cloudRun(cloud), {
      source: "credentialsUri",
      uri: "https://creds.example/a?key=canaryOne",
    });
    const two = await identityOf(cloudRun(cloud), {
      source: "credentialsUri",
      uri: "https://creds.example/a?key=canaryTwo",
    });
    expect(one.key).not.toBe(two.key);
    expect(one.key + one.name + two.key + two.name).not.toContain("canary");
  });

  for (const uri of [
    "http://creds.example/",
    "ftp://127.0.0.1/",
    "nonsense",
    "https://user:pass@creds.example/",
  ]) {
    test(`${uri} is refused`, async () => {
      const failure = await failureOf(identityOf(cloudRun(cloud), { source: "credentialsUri", uri }));
      expect(failure).toMatchObject({ code: "ConfigInvalid", exitStatus: 2 });
    });
  }

  const bad = [
    ["a refusal", { kind: "status", status: 403, body: "no" }, "Http403"],
    ["no JSON", { kind: "malformedJson" }, "ResponseInvalid"],
    ["half of the fields", { kind: "malformedJson", body: '{"AccessKeyId":"a"}' }, "CredentialsInvalid"],
    ["a failure code", { kind: "malformedJson", body: '{"Code":"Failed"}' }, "CredentialsInvalid"],
    ["a huge body", { kind: "hugeBody", mebibytes: 2 }, "ResponseTooLarge"],
  ] as const;
  for (const [name, effect, code] of bad) {
    test(`${name}: ${code}, and nothing of the answer is quoted`, async () => {
      cloud.faults.set({ operation: "CredentialsUri", ...effect });
      const run = cloudRun(cloud);
      const identity = await identityOf(run, {
        source: "credentialsUri",
        uri: cloud.endpoints.credentialsUri,
      });
      expect((await failureOf(identity.credentials(run))).code).toBe(code);
    });
  }
});
