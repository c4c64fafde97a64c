import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { acs3Signature, canonicalRequest, parseAuthorization, payloadHash } from "./signature/acs3.ts";
import { canonicalPairs, decodePairs } from "./signature/encoding.ts";
import { rpcSignature } from "./signature/rpc.ts";

const body = new Uint8Array();
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ours = {
  host: "cr.cn-hangzhou.aliyuncs.com",
  "x-acs-action": "GetAuthorizationToken",
  "x-acs-content-sha256": emptyHash,
  "x-acs-date": "2026-01-02T03:04:05Z",
  "x-acs-signature-nonce": "00000000000000000000000000000001",
};

// The vectors of the facts, section 8: A and D are published, the others follow from the same rules.
const acs3Vectors = [
  {
    name: "A: RunInstances",
    secret: "YourAccessKeySecret",
    request: {
      method: "POST",
      path: "/",
      rawQuery: "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
      headers: {
        host: "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": emptyHash,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
      },
    },
    hash: "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259",
    signature: "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
  },
  {
    name: "B: Enterprise token with STS",
    secret: "ExampleKeySecret",
    request: {
      method: "POST",
      path: "/",
      rawQuery: "InstanceId=cri-example00000000",
      headers: {
        ...ours,
        "x-acs-accesskey-id": "STS.ExampleKeyId",
        "x-acs-security-token": "ExampleSecurityToken",
        "x-acs-version": "2018-12-01",
      },
    },
    hash: "b8eaa16c94fa74003f59267036c6e26fb6d49122c82da8f7f860f4640e5dd2ed",
    signature: "c2651292ea9e746f1efbb1763b8a9c81256018c3c5fd6611f6ed3bbf8d8362c3",
  },
  {
    name: "C: Personal token",
    secret: "ExampleKeySecret",
    request: {
      method: "GET",
      path: "/tokens",
      rawQuery: "",
      headers: { ...ours, "x-acs-version": "2016-06-07" },
    },
    hash: "80687b04667c1e3042875e06bae8302a00b98404950b481cb1667acb6dd64c85",
    signature: "1c4b47dce22f91c91536712fc1c74f395c835de0387a2067f4f61f07d0e72900",
  },
];

describe("ACS3-HMAC-SHA256", () => {
  test.each(acs3Vectors)("vector $name", ({ secret, request, hash, signature }) => {
    const canonical = canonicalRequest({ ...request, body }, Object.keys(request.headers).sort());
    expect(createHash("sha256").update(canonical).digest("hex")).toBe(hash);
    expect(acs3Signature(secret, canonical)).toBe(signature);
  });

  test("an empty body has the published hash", () => expect(payloadHash(body)).toBe(emptyHash));

  test("the query is decoded and strictly encoded again, sorted", () => {
    expect(canonicalPairs(decodePairs("b=(1)*&a=x%20y&c&a%2Fb=%e4%b8%ad"))).toBe(
      "a=x%20y&a%2Fb=%E4%B8%AD&b=%281%29%2A&c=",
    );
  });

  test.each([
    "",
    "Bearer x",
    "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=short",
    "acs AK:sig",
  ])("no authorization in %j", (header) => expect(parseAuthorization(header)).toBeUndefined());
});

describe("RPC HMAC-SHA1", () => {
  test("vector D: DescribeRegions", () => {
    const parameters = {
      AccessKeyId: "testid",
      Action: "DescribeRegions",
      Format: "XML",
      SignatureMethod: "HMAC-SHA1",
      SignatureNonce: "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
      SignatureVersion: "1.0",
      Timestamp: "2016-02-23T12:46:24Z",
      Version: "2014-05-26",
    };
    expect(rpcSignature("GET", Object.entries(parameters), "testsecret")).toBe(
      "OLeaidS1JvxuMvnyHOwuJ+uX5qY=",
    );
  });

  test("vector E: AssumeRole", () => {
    const parameters = {
      AccessKeyId: "ExampleKeyId",
      Action: "AssumeRole",
      DurationSeconds: "3600",
      Format: "JSON",
      RoleArn: "acs:ram::1234567890123456:role/acr-pull",
      RoleSessionName: "acr-kubelet",
      SignatureMethod: "HMAC-SHA1",
      SignatureNonce: "00000000000000000000000000000001",
      SignatureVersion: "1.0",
      Timestamp: "2026-01-02T03:04:05Z",
      Version: "2015-04-01",
      Signature: "left out of what is signed",
    };
    expect(rpcSignature("POST", Object.entries(parameters), "ExampleKeySecret")).toBe(
      "Ea78ZlVGTZ4yqat2ixKJx2az1jY=",
    );
  });
});
