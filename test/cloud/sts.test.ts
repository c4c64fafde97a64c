import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type CallResult, call, keyOf } from "./client.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import {
  accountA,
  externalId,
  instanceCorp,
  instanceShared,
  keyA,
  minimalKeyA,
  roleAcr,
  roleAcrExternal,
  roleAssume,
} from "./defaultWorld.ts";
import { rpcSignature } from "./signature/rpc.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.reset());
afterAll(() => cloud.stop());

const sts = (
  action: string,
  query: Record<string, string> = {},
  key: Parameters<typeof call>[0]["key"] = keyA,
) => call({ endpoint: cloud.endpoints.stsHttp, key, action, version: "2015-04-01", query });

const assume = (RoleArn: string, more: Record<string, string> = {}, key = keyA) =>
  sts("AssumeRole", { RoleArn, RoleSessionName: "test", ...more }, key);

describe("AssumeRole", () => {
  test("a chain into the other account ends in a token as long as the session", async () => {
    const first = await assume(roleAssume);
    expect(first.body.AssumedRoleUser.Arn).toBe(`acs:ram::${accountA}:assumed-role/role-assume/test`);
    const second = await assume(roleAcr, { DurationSeconds: "900" }, keyOf(first.body.Credentials));
    expect(second.status).toBe(200);
    const token = await call({
      endpoint: cloud.endpoints.acrHttp,
      key: keyOf(second.body.Credentials),
      action: "GetAuthorizationToken",
      query: { InstanceId: instanceShared },
    });
    expect(token.body.ExpireTime).toBe(Date.parse(second.body.Credentials.Expiration));
    expect(cloud.violations).toEqual([]);
  });

  test.each<[string, number, () => Promise<CallResult>]>([
    ["EntityNotExist.Role", 404, () => assume(`acs:ram::${accountA}:role/nobody`)],
    ["NoPermission", 403, () => assume(roleAcr)],
    ["NoPermission", 403, () => assume(roleAssume, {}, minimalKeyA)],
    ["NoPermission", 403, () => assume(roleAcrExternal)],
    ["InvalidParameter.RoleArn", 400, () => assume("role-acr")],
    ["InvalidParameter.RoleSessionName", 400, () => assume(roleAssume, { RoleSessionName: "a b" })],
    ["InvalidParameter.DurationSeconds", 400, () => assume(roleAssume, { DurationSeconds: "899" })],
    ["InvalidParameter.DurationSeconds", 400, () => assume(roleAssume, { DurationSeconds: "3601" })],
    ["InvalidParameter.PolicyGrammar", 400, () => assume(roleAssume, { Policy: "{}" })],
    ["MissingRoleArn", 400, () => sts("AssumeRole", { RoleSessionName: "test" })],
  ])("%s", async (code, status, ask) => {
    const answer = await ask();
    expect([answer.status, answer.body.Code]).toEqual([status, code]);
  });

  test("an external ID opens the role that wants one", async () => {
    expect((await assume(roleAcrExternal, { ExternalId: externalId })).status).toBe(200);
  });

  test("a session policy only takes away", async () => {
    const statement = { Effect: "Allow", Action: "cr:ListInstance", Resource: "*" };
    const Policy = JSON.stringify({ Version: "1", Statement: [statement] });
    const { body } = await assume(roleAssume, { Policy });
    const acr = (action: string) =>
      call({
        endpoint: cloud.endpoints.acrHttp,
        key: keyOf(body.Credentials),
        action,
        query: { InstanceId: instanceCorp },
      });
    expect((await acr("ListInstance")).status).toBe(200);
    expect((await acr("GetAuthorizationToken")).body.Code).toBe("NoPermission");
  });

  test("the old RPC signature, as @alicloud/credentials sends it", async () => {
    const query = {
      AccessKeyId: keyA.id,
      Action: "AssumeRole",
      Format: "JSON",
      SignatureMethod: "HMAC-SHA1",
      SignatureNonce: crypto.randomUUID(),
      SignatureVersion: "1.0",
      Timestamp: new Date().toISOString().replace(/\.\d+/, ""),
      Version: "2015-04-01",
    };
    const form = { RoleArn: roleAssume, RoleSessionName: "test", DurationSeconds: "3600" };
    const post = async (secret: string) => {
      const Signature = rpcSignature("POST", Object.entries({ ...query, ...form }), secret);
      const url = `${cloud.endpoints.stsHttp}/?${new URLSearchParams({ ...query, Signature })}`;
      return (await fetch(url, { method: "POST", body: new URLSearchParams(form) })).status;
    };
    expect(await post("wrong")).toBe(400);
    expect(await post(keyA.secret)).toBe(200);
    expect(cloud.requests[1]).toMatchObject({ signature: "RPC-HMAC-SHA1", operation: "AssumeRole" });
  });
});

describe("temporary keys", () => {
  test("need their security token, and expire", async () => {
    const { id, secret, securityToken } = keyOf((await assume(roleAssume)).body.Credentials);
    expect((await sts("GetCallerIdentity", {}, { id, secret })).body.Code).toBe("MissingSecurityToken");
    const identity = await sts("GetCallerIdentity", {}, { id, secret, securityToken });
    expect(identity.body).toMatchObject({ IdentityType: "AssumedRoleUser", AccountId: accountA });
    cloud.clock.skewMs = 3_601_000;
    const now = cloud.clock.now();
    const late = await call({
      endpoint: cloud.endpoints.stsHttp,
      key: { id, secret, securityToken },
      action: "GetCallerIdentity",
      version: "2015-04-01",
      now,
    });
    expect(late.body.Code).toBe("InvalidSecurityToken.Expired");
  });

  test("GetCallerIdentity of a user", async () => {
    const { body } = await sts("GetCallerIdentity");
    expect(body).toMatchObject({ IdentityType: "RAMUser", Arn: `acs:ram::${accountA}:user/puller` });
  });
});
