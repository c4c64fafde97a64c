import type { Cloud } from "../../cloud/cloud.ts";
import {
  accountB,
  inactiveKeyA,
  keyA,
  powerlessKeyA,
  roleAcr,
  roleAcrForAccountA,
} from "../../cloud/defaultWorld.ts";
import type { FaultEffect } from "../../cloud/faults/faultBook.ts";

/** The role that is assumed unless a case says otherwise. */
export const role = roleAcrForAccountA;
export const user = (key: { id: string; secret: string }) => ({
  source: "accessKey",
  accessKeyId: key.id,
  accessKeySecret: key.secret,
});
const error = (code: string, message?: string): FaultEffect => ({
  kind: "error",
  status: 400,
  code,
  ...(message === undefined ? {} : { message }),
});

export interface AssumeRoleCase {
  readonly code: string;
  readonly when: string;
  /** Laid over the identity: RAM user A, who assumes `role`. */
  readonly identity?: object | ((cloud: Cloud) => Promise<object>);
  readonly assumeRole?: object;
  /** For what a correct config cannot provoke. */
  readonly effect?: FaultEffect;
  readonly remedy: string[];
  readonly calls?: number;
}

/** Every error of STS's AssumeRole (https://help.aliyun.com/document_detail/42775.html), as an operator meets it. */
export const assumeRoleCases: AssumeRoleCase[] = [
  {
    code: "NoPermission",
    when: "the trust policy does not admit the caller",
    assumeRole: { roleArn: roleAcr },
    remedy: [
      "admit it in the trust policy of",
      `${roleAcr} (Principal.RAM); if that policy asks for an sts:ExternalId, set externalId beside roleArn`,
    ],
  },
  {
    code: "NoPermission",
    when: "the caller lacks sts:AssumeRole",
    identity: user(powerlessKeyA),
    remedy: ["grant sts:AssumeRole (AliyunSTSAssumeRoleAccess) to the RAM user of AccessKey LTAI"],
  },
  {
    code: "NoPermission",
    when: "the caller is the root account",
    effect: error("NoPermission", "Roles may not be assumed by root accounts."),
    remedy: ["use the AccessKey of a RAM user"],
  },
  {
    code: "EntityNotExist.Role",
    when: "there is no such role",
    assumeRole: { roleArn: `acs:ram::${accountB}:role/nobody` },
    remedy: [`create the role acs:ram::${accountB}:role/nobody or correct its ARN`],
  },
  {
    code: "InvalidParameter.RoleArn",
    when: "STS does not like the ARN",
    effect: error("InvalidParameter.RoleArn"),
    remedy: ["write the role as acs:ram::ACCOUNT:role/NAME"],
  },
  {
    code: "InvalidParameter.RoleSessionName",
    when: "STS does not like the session name",
    effect: error("InvalidParameter.RoleSessionName"),
    remedy: ["set sessionName to 2 to 64 letters"],
  },
  {
    code: "InvalidParameter.DurationSeconds",
    when: "the role does not allow sessions so long",
    assumeRole: { durationSeconds: 43_200 },
    remedy: ["set durationSeconds between 900 and the MaxSessionDuration of", role],
  },
  {
    code: "InvalidParameter.PolicyGrammar",
    when: "the policy is none",
    assumeRole: { policy: '{"Version": "1"}' },
    remedy: ["correct the policy (JSON) given with", role],
  },
  {
    code: "MissingSecurityToken",
    when: "a temporary AccessKey came without its token",
    identity: async (cloud) => {
      const session = (await (await fetch(cloud.endpoints.credentialsUri)).json()) as Record<string, string>;
      return user({ id: session.AccessKeyId ?? "", secret: session.AccessKeySecret ?? "" });
    },
    remedy: ["configure the security token that belongs to the temporary AccessKey"],
  },
  {
    code: "InvalidAccessKeyId.NotFound",
    when: "nobody has this AccessKey",
    identity: user({ id: "LTAInobody", secret: keyA.secret }),
    remedy: ["check the AccessKey ID"],
  },
  {
    code: "InvalidAccessKeyId.Inactive",
    when: "the AccessKey is disabled",
    identity: user(inactiveKeyA),
    remedy: ["enable that AccessKey in RAM"],
  },
  {
    code: "SignatureDoesNotMatch",
    when: "the secret is another AccessKey's",
    identity: user({ id: keyA.id, secret: powerlessKeyA.secret }),
    remedy: ["check the AccessKey secret"],
  },
  {
    code: "Throttling.User",
    when: "the account has used up its 100 requests a second",
    effect: { kind: "throttle" },
    remedy: ["wait: the API limits the calls of this account"],
    calls: 4,
  },
];
