import { expect, test } from "bun:test";
import { createRequire } from "node:module";
import fc from "fast-check";
import { encodeParameters, type SignableRequest, signedHeaders } from "../../src/openapi/signature.ts";

/** The signer of Alibaba Cloud's own SDK. */
const { OpenApiUtil } = createRequire(import.meta.url)("@alicloud/openapi-core") as {
  OpenApiUtil: {
    getAuthorization(request: object, algorithm: string, payload: string, id: string, secret: string): string;
  };
};

const EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const acr = {
  host: "cr.cn-hangzhou.aliyuncs.com",
  "x-acs-action": "GetAuthorizationToken",
  "x-acs-date": "2026-01-02T03:04:05Z",
  "x-acs-signature-nonce": "00000000000000000000000000000001",
};

/** Vectors A (published by Alibaba Cloud), B and C of the facts, section 8.1. */
const vectors = [
  {
    name: "A: published, RPC with query",
    request: {
      method: "POST",
      path: "/",
      query: {
        ImageId: "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        RegionId: "cn-shanghai",
      },
      headers: {
        host: "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-version": "2014-05-26",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
      },
      body: "",
    },
    credentials: { accessKeyId: "YourAccessKeyId", accessKeySecret: "YourAccessKeySecret" },
    signature: "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
  },
  {
    name: "B: Enterprise Edition with STS credentials",
    request: {
      method: "POST",
      path: "/",
      query: { InstanceId: "cri-example00000000" },
      headers: { ...acr, "x-acs-version": "2018-12-01" },
      body: "",
    },
    credentials: {
      accessKeyId: "STS.ExampleKeyId",
      accessKeySecret: "ExampleKeySecret",
      securityToken: "ExampleSecurityToken",
    },
    signature: "c2651292ea9e746f1efbb1763b8a9c81256018c3c5fd6611f6ed3bbf8d8362c3",
  },
  {
    name: "C: Personal Edition, ROA",
    request: {
      method: "GET",
      path: "/tokens",
      query: {},
      headers: { ...acr, "x-acs-version": "2016-06-07" },
      body: "",
    },
    credentials: { accessKeyId: "ExampleKeyId", accessKeySecret: "ExampleKeySecret" },
    signature: "1c4b47dce22f91c91536712fc1c74f395c835de0387a2067f4f61f07d0e72900",
  },
];

for (const { name, request, credentials, signature } of vectors) {
  test(`signs vector ${name}`, async () => {
    const headers = signedHeaders(request as unknown as SignableRequest, credentials);
    expect(headers.authorization).toEndWith(`,Signature=${signature}`);
    expect(headers.authorization).toStartWith(`ACS3-HMAC-SHA256 Credential=${credentials.accessKeyId},`);
    expect(headers["x-acs-content-sha256"]).toBe(EMPTY_HASH);
  });
}

test("encodes strictly and sorted", () => {
  expect(encodeParameters({ b: "ü *'()!~-_.", a: "", "c+d": "e&f=g%" })).toBe(
    "a=&b=%C3%BC%20%2A%27%28%29%21~-_.&c%2Bd=e%26f%3Dg%25",
  );
});

test("signs as @alicloud/openapi-core does, whatever the values", async () => {
  const oddText = fc.string({ unit: "binary", maxLength: 30 });
  const headerText = fc.stringMatching(/^[\x20-\x7e]{1,30}$/).filter((text) => text.trim() !== "");
  const token = fc.stringMatching(/^[!-~]{1,40}$/);
  const inputs = fc.record({
    method: fc.constantFrom("GET", "POST"),
    path: fc.constantFrom("/", "/tokens", "/repos/name_1.x~y/tags"),
    // The SDK does not encode names, so only names that need no encoding can be compared.
    query: fc.dictionary(fc.stringMatching(/^[A-Za-z0-9._~-]{1,12}$/), oddText),
    body: oddText,
    own: fc.dictionary(fc.stringMatching(/^x-acs-[a-z0-9-]{1,10}$/), headerText),
    accessKeyId: token,
    accessKeySecret: oddText.filter((text) => text !== ""),
    securityToken: fc.option(token, { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(inputs, async ({ own, accessKeyId, accessKeySecret, securityToken, ...rest }) => {
      const headers = { ...own, host: "127.0.0.1:8443", "content-type": "application/x-www-form-urlencoded" };
      const credentials = {
        accessKeyId,
        accessKeySecret: accessKeySecret.toWellFormed(),
        ...(securityToken === undefined ? {} : { securityToken }),
      };
      const signed = signedHeaders({ ...rest, headers }, credentials);
      const { authorization, ...sent } = signed;
      const theirs = OpenApiUtil.getAuthorization(
        { method: rest.method, pathname: rest.path, query: rest.query, headers: sent },
        "ACS3-HMAC-SHA256",
        sent["x-acs-content-sha256"] ?? "",
        accessKeyId,
        credentials.accessKeySecret,
      );
      expect(authorization).toBe(theirs);
    }),
    { numRuns: 300 },
  );
});
