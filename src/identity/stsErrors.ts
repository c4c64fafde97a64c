import type { Failure } from "../failure/failure.ts";
import { restate } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import { nameNow, principalOf } from "./identity.ts";
import type { ServiceAccount } from "./serviceAccount.ts";

/** What STS was asked, as far as messages name it. */
export interface StsQuestion {
  readonly roleArn: string;
  /** Who asked: an identity's name, or the token's source and holder. */
  readonly caller: string;
  readonly externalId?: string | undefined;
  readonly oidcProviderArn?: string;
  readonly serviceAccount?: ServiceAccount | undefined;
}

type Remedy = (question: StsQuestion) => string;

const audience: Remedy = ({ serviceAccount, oidcProviderArn }) =>
  `the token is for ${serviceAccount?.token?.audience.join(", ") || "another audience"}: set serviceAccountTokenAudience: sts.aliyuncs.com in the kubelet's CredentialProviderConfig, and that client ID at ${oidcProviderArn}`;

const issuer: Remedy = ({ serviceAccount, oidcProviderArn }) =>
  `register the cluster's issuer ${serviceAccount?.token?.issuer ?? ""} (kube-apiserver --service-account-issuer) at ${oidcProviderArn}, or configure the provider that has it`;

const admitCaller: Remedy = ({ caller, roleArn, externalId }) => {
  const condition =
    externalId === undefined
      ? "if that policy asks for an sts:ExternalId, set externalId beside roleArn"
      : "if that policy asks for an sts:ExternalId, it must be the externalId of the config";
  return `grant sts:AssumeRole (AliyunSTSAssumeRoleAccess) to ${caller}, and admit it in the trust policy of ${roleArn} (Principal.RAM); ${condition}`;
};

const register: Remedy = ({ oidcProviderArn, serviceAccount }) =>
  `create ${oidcProviderArn} in RAM with the issuer ${serviceAccount?.token?.issuer ?? "of the token"} and the client ID sts.aliyuncs.com, or correct oidcProviderArn`;

const admitToken: Remedy = ({ roleArn, oidcProviderArn, serviceAccount }) =>
  `admit ${oidcProviderArn} in the trust policy of ${roleArn} (Principal.Federated) with oidc:iss ${serviceAccount?.token?.issuer ?? "of the token"}, oidc:aud ${serviceAccount?.token?.audience.join(", ") || "sts.aliyuncs.com"} and oidc:sub ${serviceAccount?.subject ?? "of the token"}`;

/**
 * STS's error codes and what to do about each. AssumeRole: https://help.aliyun.com/document_detail/42775.html;
 * AssumeRoleWithOIDC: the RRSA page's error table, https://www.alibabacloud.com/help/doc-detail/356611.html, and,
 * for PublicKeyFingerprintMismatch and Invalid, users' reports. Matched against `CODE: MESSAGE`, because two of the
 * codes mean two things each; the first match counts.
 */
const remedies: readonly (readonly [RegExp, Remedy])[] = [
  [
    /^AuthenticationFail\.OIDCToken\.Expired/,
    ({ caller }) =>
      `provide a fresh token of ${caller}: check the clocks, the file's renewal, and the issuance time that the OIDC provider allows (12 h by default)`,
  ],
  [/^AuthenticationFail\.OIDCToken\.AudienceNotMatch/, audience],
  [/^AuthenticationFail\.OIDCToken\.IssuerNotMatch/, issuer],
  [
    /^AuthenticationFail\.OIDCToken\.IssuerConfigurationBroken/,
    ({ serviceAccount }) =>
      `make ${serviceAccount?.token?.issuer ?? "the issuer"} a public https URL that serves /.well-known/openid-configuration and its keys: STS fetches them`,
  ],
  [
    /^AuthenticationFail\.OIDCToken\.PublicKeyFingerprintMismatch/,
    ({ oidcProviderArn }) => `update the CA thumbprints of ${oidcProviderArn} to those of the issuer's host`,
  ],
  [
    /^AuthenticationFail\.OIDCToken\./,
    ({ oidcProviderArn, caller }) =>
      `check that the token of ${caller} comes from the cluster of ${oidcProviderArn}`,
  ],
  [/^AuthenticationFail.*no such OIDC provider/i, register],
  [/^AuthenticationFail/, admitToken],
  [/^EntityNotExist\.Role/, ({ roleArn }) => `create the role ${roleArn} or correct its ARN`],
  [
    /^EntityNotExist/,
    ({ oidcProviderArn, roleArn }) => `create ${oidcProviderArn ?? roleArn} in RAM or correct its ARN`,
  ],
  [
    /^InvalidParameter\.RoleArn/,
    ({ roleArn }) => `write the role as acs:ram::ACCOUNT:role/NAME instead of ${roleArn}`,
  ],
  [/^InvalidParameter\.RoleSessionName/, () => "set sessionName to 2 to 64 letters, digits and . @ - _"],
  [
    /^InvalidParameter\.DurationSeconds/,
    ({ roleArn }) => `set durationSeconds between 900 and the MaxSessionDuration of ${roleArn}`,
  ],
  [/^InvalidParameter\.PolicyGrammar/, ({ roleArn }) => `correct the policy (JSON) given with ${roleArn}`],
  [
    /^NoPermission.*root account/i,
    () => "use the AccessKey of a RAM user: the root account's may assume no role",
  ],
  [
    /^(NoPermission|Forbidden|AccessDenied)/,
    (question) => (question.oidcProviderArn ? admitToken : admitCaller)(question),
  ],
];

/** STS's refusal with the role and the caller named, and a remedy of its own for each code. */
export function explainStsFailure(
  run: Pick<Run, "record">,
  failure: Failure,
  question: StsQuestion,
): Failure {
  const said = `${failure.code}: ${failure.message}`;
  const isToken = question.oidcProviderArn !== undefined;
  const named = isToken ? question : { ...question, caller: principalOf(run, question.caller) };
  const remedy = remedies.find(([pattern]) => pattern.test(said))?.[1](named);
  return restate(failure, {
    message: `assume role ${question.roleArn} as ${nameNow(run.record.nodeRole, question.caller)}: ${failure.message}`,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
