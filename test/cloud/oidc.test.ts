import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { call, callUnsigned, keyOf } from "./client.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { accountA, oidcProvider, roleAnyPod, rolePodPuller } from "./defaultWorld.ts";
import type { ServiceAccountTokenOptions } from "./sts/oidcIssuer.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.reset());
afterAll(() => cloud.stop());

describe("AssumeRoleWithOIDC", () => {
  const pod = { namespace: "apps", serviceAccount: "puller", podName: "web-0" };
  const exchange = (options: Partial<ServiceAccountTokenOptions> = {}, more: Record<string, string> = {}) =>
    callUnsigned(cloud.endpoints.stsHttp, "AssumeRoleWithOIDC", {
      OIDCProviderArn: oidcProvider,
      RoleArn: rolePodPuller,
      RoleSessionName: "test",
      OIDCToken: cloud.issueServiceAccountToken({ ...pod, ...options }),
      ...more,
    });

  test("exchanges a pod's token for a session", async () => {
    const { status, body } = await exchange();
    expect(status).toBe(200);
    expect(body.OIDCTokenInfo.Subject).toBe("system:serviceaccount:apps:puller");
    const identity = await call({
      endpoint: cloud.endpoints.stsHttp,
      key: keyOf(body.Credentials),
      action: "GetCallerIdentity",
      version: "2015-04-01",
    });
    expect(identity.body.Arn).toBe(`acs:ram::${accountA}:assumed-role/pod-puller/test`);
    expect(cloud.violations).toEqual([]);
  });

  test("any service account may have the role that trusts them all", async () => {
    expect((await exchange({ serviceAccount: "other" }, { RoleArn: roleAnyPod })).status).toBe(200);
  });

  test.each<[string, number, Partial<ServiceAccountTokenOptions>, Record<string, string>?]>([
    ["AuthenticationFail.OIDCToken.Expired", 400, { expiresInSeconds: -1 }],
    ["AuthenticationFail.OIDCToken.Expired", 400, { issuedSecondsAgo: 13 * 3600 }],
    ["AuthenticationFail.OIDCToken.AudienceNotMatch", 400, { audience: "https://kubernetes.default.svc" }],
    ["AuthenticationFail.OIDCToken.IssuerNotMatch", 400, { issuer: "https://other.example.com" }],
    ["AuthenticationFail.OIDCToken.Invalid", 400, { foreignKey: true }],
    ["AuthenticationFail.OIDCToken.Invalid", 400, {}, { OIDCToken: "not-a-token" }],
    ["AuthenticationFail.NoPermission", 403, { serviceAccount: "other" }],
    ["AuthenticationFail.NoPermission", 403, {}, { OIDCProviderArn: `${oidcProvider}-unknown` }],
    ["EntityNotExist.Role", 404, {}, { RoleArn: `acs:ram::${accountA}:role/nobody` }],
    ["MissingOIDCToken", 400, {}, { OIDCToken: "" }],
  ])("%s", async (code, status, options, more = {}) => {
    const answer = await exchange(options, more);
    expect([answer.status, answer.body.Code]).toEqual([status, code]);
  });

  test.each([
    ["IssuerConfigurationBroken", { reachable: false }],
    ["PublicKeyFingerprintMismatch", { fingerprintMatches: false }],
  ])("a provider with %s", async (code, trouble) => {
    const provider = cloud.world.accounts[0]?.oidcProviders[0];
    const good = { ...provider };
    Object.assign(provider ?? {}, trouble);
    expect((await exchange()).body.Code).toBe(`AuthenticationFail.OIDCToken.${code}`);
    Object.assign(provider ?? {}, { reachable: true, fingerprintMatches: true }, good);
  });

  const parameters = () => ({
    OIDCProviderArn: oidcProvider,
    OIDCToken: cloud.issueServiceAccountToken(pod),
    RoleArn: rolePodPuller,
    RoleSessionName: "test",
  });
  const headers = { "x-acs-action": "AssumeRoleWithOIDC", "x-acs-version": "2015-04-01" };

  test("a token in the query, where the official STS SDK has it, is accepted and noted", async () => {
    const common = { Action: "AssumeRoleWithOIDC", Format: "json", Version: "2015-04-01" };
    const query = new URLSearchParams({ ...parameters(), ...common, Timestamp: "2026-01-02T03:04:05Z" });
    const url = `${cloud.endpoints.stsHttp}/?${query}`;
    expect((await fetch(url, { method: "POST", headers })).status).toBe(200);
    expect(cloud.violations).toEqual(["AssumeRoleWithOIDC: OIDCToken in the query"]);
  });

  test("an unsigned call that is named in headers only is noted: no official client sends one", async () => {
    const body = new URLSearchParams(parameters());
    const url = `${cloud.endpoints.stsHttp}/?Format=json`;
    expect((await fetch(url, { method: "POST", headers, body })).status).toBe(200);
    expect(cloud.violations).toEqual([
      "AssumeRoleWithOIDC: not in the query of an unsigned call: Action, Timestamp, Version",
    ]);
  });

  test("ES256, and keys given from outside, are verified too", async () => {
    const other = await startCloud();
    const foreign = await startCloud();
    const provider = other.world.accounts[0]?.oidcProviders[0];
    if (!provider) throw new Error("no provider");
    Object.assign(foreign.world.accounts[0]?.oidcProviders[0] ?? {}, { algorithm: "ES256" });
    const OIDCToken = foreign.issueServiceAccountToken(pod);
    const form = {
      OIDCProviderArn: oidcProvider,
      RoleArn: rolePodPuller,
      RoleSessionName: "test",
      OIDCToken,
    };
    const ask = () => callUnsigned(other.endpoints.stsHttp, "AssumeRoleWithOIDC", form);
    expect((await ask()).body.Code).toBe("AuthenticationFail.OIDCToken.Invalid");
    provider.keys = foreign.jwks(provider.issuer).keys as Record<string, unknown>[];
    expect((await ask()).status).toBe(200);
    await Promise.all([other.stop(), foreign.stop()]);
  });
});
