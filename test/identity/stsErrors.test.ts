import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { Failure } from "../../src/failure/failure.ts";
import { startCloud } from "../cloud/cloud.ts";
import { accountB, keyA, oidcProvider, roleAssume, rolePodPuller } from "../cloud/defaultWorld.ts";
import type { FaultEffect } from "../cloud/faults/faultBook.ts";
import type { ServiceAccountTokenOptions } from "../cloud/sts/oidcIssuer.ts";
import { failureOf } from "../support/testRun.ts";
import { cloudRun, identityOf, pod } from "./support/cloudIdentity.ts";

const cloud = await startCloud();
afterAll(() => cloud.stop());
beforeEach(() => cloud.reset());

const user = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret } as const;
const puller = { namespace: "apps", serviceAccount: "puller" };

async function assuming(roleArn: string, effect?: FaultEffect): Promise<Failure> {
  if (effect !== undefined) cloud.faults.set({ operation: "AssumeRole", ...effect });
  const run = cloudRun(cloud);
  const identity = await identityOf(run, { ...user, assumeRoles: [{ roleArn }] });
  return failureOf(identity.credentials(run));
}

async function exchanging(
  token: ServiceAccountTokenOptions,
  config: { roleArn?: string; oidcProviderArn?: string } = {},
  effect?: FaultEffect,
): Promise<Failure> {
  if (effect !== undefined) cloud.faults.set({ operation: "AssumeRoleWithOIDC", ...effect });
  const run = cloudRun(cloud);
  const identity = await identityOf(
    run,
    { source: "serviceAccountToken", roleArn: rolePodPuller, oidcProviderArn: oidcProvider, ...config },
    pod(cloud, token),
  );
  return failureOf(identity.credentials(run));
}

const error = (code: string): FaultEffect => ({ kind: "error", code, status: 400 });

describe("AssumeRole", () => {
  const cases: [code: string, effect: FaultEffect | undefined, roleArn: string, remedy: RegExp][] = [
    [
      "NoPermission",
      undefined,
      `acs:ram::${accountB}:role/role-acr`,
      /AliyunSTSAssumeRoleAccess.*trust policy of acs:ram::/,
    ],
    [
      "NoPermission",
      { ...error("NoPermission"), message: "Roles may not be assumed by root accounts." } as FaultEffect,
      roleAssume,
      /AccessKey of a RAM user/,
    ],
    ["EntityNotExist.Role", undefined, `acs:ram::${accountB}:role/nobody`, /create the role .*nobody/],
    [
      "InvalidParameter.RoleArn",
      error("InvalidParameter.RoleArn"),
      roleAssume,
      /acs:ram::ACCOUNT:role\/NAME/,
    ],
    [
      "InvalidParameter.RoleSessionName",
      error("InvalidParameter.RoleSessionName"),
      roleAssume,
      /sessionName/,
    ],
    [
      "InvalidParameter.DurationSeconds",
      error("InvalidParameter.DurationSeconds"),
      roleAssume,
      /MaxSessionDuration/,
    ],
    [
      "InvalidParameter.PolicyGrammar",
      error("InvalidParameter.PolicyGrammar"),
      roleAssume,
      /policy \(JSON\)/,
    ],
    ["MissingSecurityToken", error("MissingSecurityToken"), roleAssume, /security token/],
    ["InvalidAccessKeyId.NotFound", error("InvalidAccessKeyId.NotFound"), roleAssume, /AccessKey ID/],
    [
      "InvalidAccessKeyId.Inactive",
      error("InvalidAccessKeyId.Inactive"),
      roleAssume,
      /enable that AccessKey/,
    ],
    ["SignatureDoesNotMatch", error("SignatureDoesNotMatch"), roleAssume, /AccessKey secret/],
    ["Throttling.User", { kind: "throttle" }, roleAssume, /limits the calls/],
  ];
  for (const [code, effect, roleArn, remedy] of cases) {
    test(`${code} names the role and the caller, and has a remedy of its own`, async () => {
      const failure = await assuming(roleArn, effect);
      expect(failure.code).toBe(code);
      expect(failure.message).toContain(`assume role ${roleArn} as accessKey ${keyA.id.slice(0, 8)}`);
      expect(failure.remedy).toMatch(remedy);
      expect(failure.details).toMatchObject({ api: "AssumeRole", requestId: expect.any(String) });
    });
  }
});

describe("AssumeRoleWithOIDC", () => {
  const broken = error("AuthenticationFail.OIDCToken.IssuerConfigurationBroken");
  const fingerprint = error("AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch");
  const cases: [
    code: string,
    token: ServiceAccountTokenOptions,
    config: { roleArn?: string; oidcProviderArn?: string },
    effect: FaultEffect | undefined,
    remedy: RegExp,
  ][] = [
    [
      "AuthenticationFail.OIDCToken.Expired",
      { ...puller, expiresInSeconds: -60 },
      {},
      undefined,
      /fresh token .*apps\/puller/,
    ],
    [
      "AuthenticationFail.OIDCToken.AudienceNotMatch",
      { ...puller, audience: "other" },
      {},
      undefined,
      /the token is for other: set serviceAccountTokenAudience: sts\.aliyuncs\.com/,
    ],
    [
      "AuthenticationFail.OIDCToken.IssuerNotMatch",
      { ...puller, issuer: "https://else.example" },
      {},
      undefined,
      /register the cluster's issuer https:\/\/else\.example/,
    ],
    [
      "AuthenticationFail.OIDCToken.IssuerConfigurationBroken",
      puller,
      {},
      broken,
      /public https URL .*openid-configuration/,
    ],
    ["AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch", puller, {}, fingerprint, /CA thumbprints/],
    [
      "AuthenticationFail.OIDCToken.Invalid",
      { ...puller, foreignKey: true },
      {},
      undefined,
      /comes from the cluster of/,
    ],
    [
      "AuthenticationFail.NoPermission",
      { namespace: "apps", serviceAccount: "other" },
      {},
      undefined,
      /admit .*ack-rrsa-example in the trust policy of .*pod-puller .*oidc:sub system:serviceaccount:apps:other/,
    ],
    [
      "AuthenticationFail.NoPermission",
      puller,
      { oidcProviderArn: `${oidcProvider}-x` },
      undefined,
      /create .*ack-rrsa-example-x in RAM with the issuer https:\/\/oidc\.example\.com/,
    ],
    [
      "EntityNotExist.Role",
      puller,
      { roleArn: rolePodPuller.replace("puller", "nobody") },
      undefined,
      /create the role .*pod-nobody/,
    ],
    ["Throttling.User", puller, {}, { kind: "throttle" }, /limits the calls/],
  ];
  for (const [code, token, config, effect, remedy] of cases) {
    test(`${code}: ${remedy.source}`, async () => {
      const failure = await exchanging(token, config, effect);
      expect(failure.code).toBe(code);
      expect(failure.message).toContain(
        `assume role ${config.roleArn ?? rolePodPuller} as serviceAccountToken apps/${token.serviceAccount}`,
      );
      expect(failure.remedy).toMatch(remedy);
      expect(JSON.stringify(failure) + failure.message).not.toContain("eyJ");
    });
  }
});
