import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type CallOptions, call } from "./client.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import {
  accountA,
  accountB,
  inactiveKeyA,
  instance,
  instanceCorp,
  instanceShared,
  instanceTeamA,
  keyA,
  keyB,
  minimalKeyA,
  powerlessKeyA,
} from "./defaultWorld.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.reset());
afterAll(() => cloud.stop());

const acr = (action: string, query: Record<string, string>, more: Partial<CallOptions> = {}) =>
  call({ endpoint: cloud.endpoints.acrHttp, key: keyA, action, query, ...more });

const token = (instanceId = instanceCorp, more: Partial<CallOptions> = {}) =>
  acr("GetAuthorizationToken", { InstanceId: instanceId }, more);

describe("GetAuthorizationToken", () => {
  test("issues an hour's login for the instance", async () => {
    const { status, body } = await token();
    expect(status).toBe(200);
    expect(body).toMatchObject({ Code: "success", IsSuccess: true, TempUsername: "cr_temp_user" });
    expect(body.ExpireTime - Date.now()).toBeGreaterThan(3_590_000);
    expect(body.AuthorizationToken).toMatch(/^[A-Za-z0-9+/=]+:ca4a12ca4a12[0-9a-f]{28}$/);
    const login = cloud.acceptsRegistryLogin("cr_temp_user", body.AuthorizationToken);
    expect(login).toMatchObject({ edition: "enterprise", instanceId: instanceCorp, accountId: accountA });
    expect(login?.mayPull("apps/web")).toBe(true);
    cloud.clock.skewMs = 3_600_001;
    expect(cloud.acceptsRegistryLogin("cr_temp_user", body.AuthorizationToken)).toBeUndefined();
  });

  test.each([
    ["another account's instance", instanceShared, {}],
    ["another region's host", instanceTeamA, { host: "cr-vpc.cn-hangzhou.aliyuncs.com" }],
  ])("does not know %s", async (_, id, more) => {
    const { status, body } = await token(id, more);
    expect([status, body.IsSuccess, body.Code]).toEqual([200, false, "INSTANCE_NOT_EXIST"]);
  });

  test("knows an instance of the host's region", async () => {
    const { body } = await token(instanceTeamA, { host: "cr.cn-beijing.aliyuncs.com" });
    expect(body.IsSuccess).toBe(true);
    expect(cloud.requests[0]).toMatchObject({ regionId: "cn-beijing", host: "cr.cn-beijing.aliyuncs.com" });
    expect(cloud.violations).toEqual(["GetAuthorizationToken: cr.cn-beijing.aliyuncs.com asked without TLS"]);
  });
});

const addUnsigned = (headers: Record<string, string>) => {
  headers["x-acs-extra"] = "unsigned";
};

describe("refusals of the gateway", () => {
  const drop = (name: string) => (headers: Record<string, string>) => void delete headers[name];
  test.each<[string, number, Partial<CallOptions>]>([
    ["InvalidAccessKeyId.NotFound", 404, { key: { id: "LTAInobody", secret: "x" } }],
    ["InvalidAccessKeyId.Inactive", 400, { key: inactiveKeyA }],
    ["SignatureDoesNotMatch", 400, { key: { ...keyA, secret: "wrong" } }],
    ["InvalidSecurityToken.MismatchWithAccessKey", 400, { key: { ...keyA, securityToken: "x" } }],
    ["NoPermission", 403, { key: powerlessKeyA }],
    ["InvalidTimeStamp.Expired", 400, { now: Date.now() - 16 * 60_000 }],
    ["InvalidTimeStamp.Expired", 400, { now: Date.now() + 16 * 60_000 }],
    ["IncompleteSignature", 400, { spoil: drop("authorization") }],
    ["IncompleteSignature", 400, { spoil: drop("x-acs-date") }],
    ["IncompleteSignature", 400, { spoil: addUnsigned }],
    ["InvalidAction.NotFound", 404, { action: "CreateInstance" }],
    ["InvalidAction.NotFound", 404, { version: "2015-04-01", action: "AssumeRole" }],
  ])("%s", async (code, status, more) => {
    const answer = await token(instanceCorp, more);
    expect([answer.status, answer.body.Code]).toEqual([status, code]);
    expect(answer.body.RequestId).toBe(cloud.requests[0]?.requestId);
    expect(cloud.requests[0]).toMatchObject({ status, code });
  });

  test("an unsigned header is a violation", async () => {
    await token(instanceCorp, { spoil: addUnsigned });
    expect(cloud.violations).toEqual(["GetAuthorizationToken: unsigned headers: x-acs-extra"]);
  });

  test("a content type that is not signed is accepted, as documented, and noted", async () => {
    const spoil = (headers: Record<string, string>) => {
      headers["content-type"] = "application/json";
    };
    expect((await token(instanceCorp, { spoil })).status).toBe(200);
    expect(cloud.violations).toEqual(["GetAuthorizationToken: content-type unsigned"]);
  });

  test("a V3 call with parameters in its body is noted: no official client sends one", async () => {
    const form = { InstanceId: instanceCorp };
    expect((await acr("GetAuthorizationToken", {}, { form })).status).toBe(200);
    expect(cloud.violations).toEqual([
      "GetAuthorizationToken: parameters of a V3 call in the body: InstanceId",
    ]);
  });

  test("a nonce counts once", async () => {
    expect((await token(instanceCorp, { nonce: "same" })).status).toBe(200);
    expect((await token(instanceCorp, { nonce: "same" })).body.Code).toBe("SignatureNonceUsed");
  });

  test("a skewed clock shows in Date and refuses", async () => {
    cloud.clock.skewMs = 3_600_000;
    const { body, headers } = await token();
    expect(body.Code).toBe("InvalidTimeStamp.Expired");
    expect(Date.parse(headers.get("date") ?? "") - Date.now()).toBeGreaterThan(3_590_000);
  });

  test("NoPermission explains itself", async () => {
    const { body } = await acr("ListInstance", {}, { key: minimalKeyA });
    expect(body.AccessDeniedDetail).toMatchObject({
      AuthAction: "cr:ListInstance",
      AuthPrincipalType: "SubUser",
    });
  });
});

describe("ListInstance", () => {
  test("lists the caller's instances, page by page, times as strings", async () => {
    cloud.world.instances.push(
      ...Array.from({ length: 70 }, (_, n) =>
        instance(accountB, "eu-central-1", `cri-many${n}`, `many-${n}`),
      ),
    );
    const page = async (PageNo: string) =>
      (await acr("ListInstance", { PageNo, InstanceStatus: "RUNNING" }, { key: keyB })).body;
    const pages = [await page("1"), await page("2"), await page("3"), await page("4")];
    expect(pages.map(({ Instances }) => Instances.length)).toEqual([30, 30, 11, 0]);
    expect(pages[0]).toMatchObject({ TotalCount: 71, PageNo: 1, PageSize: 30 });
    expect(pages[0].Instances[0]).toMatchObject({ InstanceId: instanceShared, CreateTime: "1571242083000" });
  });

  test("the deprecated filter by name finds longer names too", async () => {
    const names = async (InstanceName: string) =>
      (await acr("ListInstance", { InstanceName })).body.Instances.map(
        (each: { InstanceName: string }) => each.InstanceName,
      );
    expect(await names("team")).toEqual(["team-a"]);
    expect(await names("nobody")).toEqual([]);
  });

  test("a host's region alone, and a status alone", async () => {
    const here = await acr("ListInstance", {}, { host: "cr.cn-beijing.aliyuncs.com" });
    expect(here.body.Instances.map((each: { InstanceName: string }) => each.InstanceName)).toEqual([
      "team-a",
    ]);
    expect((await acr("ListInstance", { InstanceStatus: "STOPPED" })).body.TotalCount).toBe(0);
    expect((await acr("ListInstance", { PageNo: "x" })).body.Code).toBe("InvalidParameter.PageNo");
  });
});

test("ListInstanceEndpoint names default and custom domains, and in short no access lists", async () => {
  const { body } = await acr("ListInstanceEndpoint", { InstanceId: instanceCorp });
  const short = await acr("ListInstanceEndpoint", { InstanceId: instanceCorp, Summary: "true" });
  expect(body.Endpoints[0].AclEntries).toHaveLength(1);
  expect(short.body.Endpoints[0]).not.toHaveProperty("AclEntries");
  expect(short.body.Endpoints[0].Domains).toEqual(body.Endpoints[0].Domains);
  expect(body.Endpoints.flatMap((endpoint: { Domains: unknown[] }) => endpoint.Domains)).toEqual([
    { Domain: "corp-registry.cn-hangzhou.cr.aliyuncs.com", Type: "SYSTEM" },
    { Domain: "images.example.com", Type: "USER" },
    { Domain: "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com", Type: "SYSTEM" },
  ]);
  expect((await acr("ListInstanceEndpoint", {})).body.Code).toBe("MissingInstanceId");
});

describe("the Personal Edition", () => {
  const personal = { version: "2016-06-07", method: "GET", path: "/tokens" };

  test("issues a login by GET /tokens", async () => {
    const { status, body } = await acr("GetAuthorizationToken", {}, personal);
    expect(status).toBe(200);
    const { authorizationToken, tempUserName, expireDate } = body.data;
    expect(expireDate).toBeNumber();
    expect(cloud.acceptsRegistryLogin(tempUserName, authorizationToken)).toMatchObject({
      edition: "personal",
    });
    expect(cloud.calls("GetTokens(2016)")).toHaveLength(1);
  });

  test("only where the account has one", async () => {
    expect((await acr("GetAuthorizationToken", {}, { ...personal, key: keyB })).status).toBe(404);
  });
});

test("revoked rights are gone with the next request", async () => {
  const other = await startCloud();
  const ask = () =>
    call({
      endpoint: other.endpoints.acrHttp,
      key: keyA,
      action: "GetAuthorizationToken",
      query: { InstanceId: instanceCorp },
    });
  expect((await ask()).status).toBe(200);
  other.revoke({ arn: `acs:ram::${accountA}:user/puller`, action: "cr:Get*" });
  expect((await ask()).body.Code).toBe("NoPermission");
  other.revoke({ accessKeyId: keyA.id });
  expect((await ask()).body.Code).toBe("InvalidAccessKeyId.Inactive");
  await other.stop();
});

test("200 clients at once", async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, () => token()));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(new Set(answers.map(({ body }) => body.AuthorizationToken)).size).toBe(200);
  expect(cloud.violations).toEqual([]);
});
