import { oidcProvider, rolePodPuller } from "../../cloud/defaultWorld.ts";
import type { FaultEffect } from "../../cloud/faults/faultBook.ts";
import type { ServiceAccountTokenOptions } from "../../cloud/sts/oidcIssuer.ts";

/** The identity that pulls unless a case says otherwise. */
export const perPodIdentity = {
  source: "serviceAccountToken",
  roleArn: rolePodPuller,
  oidcProviderArn: oidcProvider,
};

export interface PerPodCase {
  readonly when: string;
  /** Laid over a token of apps/puller; null: none is sent. */
  readonly token?: Partial<ServiceAccountTokenOptions> | null;
  readonly identity?: object;
  readonly effect?: FaultEffect;
  /** Changes the OIDC provider in RAM. */
  readonly provider?: object;
  readonly code: string;
  readonly words: string[];
}

const oidc = (name: string) => `AuthenticationFail.OIDCToken.${name}`;

/**
 * Every error of AssumeRoleWithOIDC (https://www.alibabacloud.com/help/doc-detail/356611.html and users' reports);
 * first the six that a pod's administrator meets most.
 */
export const perPodCases: PerPodCase[] = [
  {
    when: "no token was sent",
    token: null,
    code: "ServiceAccountTokenMissing",
    words: [
      "the kubelet sent no service account token",
      "tokenAttributes (serviceAccountTokenAudience: sts.aliyuncs.com, cacheType: ServiceAccount,",
      "CredentialProviderConfig",
      "identity.fallback",
    ],
  },
  {
    when: "the token is for another audience",
    token: { audience: "https://kubernetes.default.svc" },
    code: oidc("AudienceNotMatch"),
    words: [
      "the token is for https://kubernetes.default.svc: set serviceAccountTokenAudience: sts.aliyuncs.com",
      `that client ID at ${oidcProvider}`,
    ],
  },
  {
    when: "the token has expired",
    token: { expiresInSeconds: -60 },
    code: oidc("Expired"),
    words: ["provide a fresh token of serviceAccountToken apps/puller", "12 h by default"],
  },
  {
    when: "the issuer is registered nowhere",
    identity: { oidcProviderArn: `${oidcProvider}-other` },
    code: "AuthenticationFail.NoPermission",
    words: [`create ${oidcProvider}-other in RAM with the issuer https://oidc.example.com`],
  },
  {
    when: "the trust policy refuses",
    token: { serviceAccount: "other" },
    code: "AuthenticationFail.NoPermission",
    words: [
      `admit ${oidcProvider} in the trust policy of ${rolePodPuller}`,
      "oidc:iss https://oidc.example.com",
      "oidc:sub system:serviceaccount:apps:other",
    ],
  },
  {
    when: "there is no such role",
    identity: { roleArn: `${rolePodPuller}-2` },
    code: "EntityNotExist.Role",
    words: [`create the role ${rolePodPuller}-2 or correct its ARN`],
  },
  {
    when: "the provider has another issuer",
    token: { issuer: "https://else.example.com" },
    code: oidc("IssuerNotMatch"),
    words: [
      "register the cluster's issuer https://else.example.com",
      "--service-account-issuer",
      oidcProvider,
    ],
  },
  {
    when: "STS cannot fetch the issuer's keys",
    provider: { reachable: false },
    code: oidc("IssuerConfigurationBroken"),
    words: ["make https://oidc.example.com a public https URL", "/.well-known/openid-configuration"],
  },
  {
    when: "the issuer's host has a certificate of another authority",
    provider: { fingerprintMatches: false },
    code: oidc("PublicKeyFingerprintMismatch"),
    words: [`update the CA thumbprints of ${oidcProvider}`],
  },
  {
    when: "the token is signed by another cluster",
    token: { foreignKey: true },
    code: oidc("Invalid"),
    words: [
      `check that the token of serviceAccountToken apps/puller comes from the cluster of ${oidcProvider}`,
    ],
  },
  {
    when: "the token was issued longer ago than the provider allows",
    token: { issuedSecondsAgo: 13 * 3600 },
    code: oidc("Expired"),
    words: ["the issuance time that the OIDC provider allows (12 h by default)"],
  },
  {
    when: "the account's requests are limited",
    effect: { kind: "throttle" },
    code: "Throttling.User",
    words: ["wait: the API limits the calls of this account"],
  },
];
