import { ApiError, invalidParameter, roleNotExist } from "../gateway/apiError.ts";
import { type Answer, authorize, type Call, required } from "../gateway/call.ts";
import { findRole, oidcProviderArn, parseRoleArn } from "../model/arn.ts";
import { isoSeconds } from "../model/clock.ts";
import { parsePolicy } from "../model/permissions.ts";
import { roleId, type Session } from "../model/sessions.ts";
import { trustsFederated, trustsPrincipal } from "../model/trust.ts";
import type { Account, Permission, Role } from "../model/world.ts";
import { checkOidcToken } from "./oidcToken.ts";

/** STS `2015-04-01` (facts 6.1, 6.2). */
export const stsOperations = { AssumeRole, AssumeRoleWithOIDC, GetCallerIdentity };

function AssumeRole(call: Call): Answer {
  const { account, role, ...options } = wantedRole(call);
  const externalId = call.parameters.ExternalId;
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    throw invalidParameter("ExternalId", "2 to 1224 characters are wanted.");
  }
  const caller = authorize(call, "sts:AssumeRole", `acs:ram::${account.id}:role/${role.name}`);
  if (!trustsPrincipal(role, caller, externalId)) {
    throw new ApiError(
      403,
      "NoPermission",
      "You are not authorized to do this action. You should be authorized by RAM.",
    );
  }
  const session = call.state.sessions.open(account, role, options);
  return sessionAnswer(session);
}

function AssumeRoleWithOIDC(call: Call): Answer {
  const token = required(call, "OIDCToken");
  const providerArn = required(call, "OIDCProviderArn");
  const provider = call.state.world.accounts
    .flatMap(({ id, oidcProviders }) =>
      oidcProviders.map((each) => ({ ...each, arn: oidcProviderArn(id, each.name) })),
    )
    .find(({ arn }) => arn === providerArn);
  if (!provider) {
    throw new ApiError(403, "AuthenticationFail.NoPermission", "No such OIDC Provider registered.");
  }
  const claims = checkOidcToken(call.state, provider, token);
  const { account, role, ...options } = wantedRole(call);
  if (!trustsFederated(role, providerArn, claims)) {
    throw new ApiError(403, "AuthenticationFail.NoPermission", "There is no permission.");
  }
  const session = call.state.sessions.open(account, role, options);
  call.record.callerArn = session.arn;
  return {
    ...sessionAnswer(session),
    OIDCTokenInfo: {
      Subject: claims.sub,
      Issuer: claims.iss,
      ClientIds: claims.aud.join(","),
      ExpirationTime: isoSeconds(claims.exp * 1000),
      IssuanceTime: isoSeconds(claims.iat * 1000),
      VerificationInfo: "Success",
    },
  };
}

function GetCallerIdentity({ caller }: Call): Answer {
  if (!caller) throw new ApiError(403, "NoPermission", "The caller is unknown.");
  const id = roleId(caller.accountId, caller.name);
  const identity = { AccountId: caller.accountId, Arn: caller.arn };
  if (caller.kind === "user") return { ...identity, IdentityType: "RAMUser", PrincipalId: id, UserId: id };
  const session = caller.arn.slice(caller.arn.lastIndexOf("/") + 1);
  return { ...identity, IdentityType: "AssumedRoleUser", PrincipalId: `${id}:${session}`, RoleId: id };
}

interface WantedRole {
  account: Account;
  role: Role;
  name: string;
  seconds: number;
  policy?: Permission[] | undefined;
}

function wantedRole(call: Call): WantedRole {
  const arn = required(call, "RoleArn");
  const name = required(call, "RoleSessionName");
  if (!parseRoleArn(arn)) throw invalidParameter("RoleArn", "An ARN acs:ram::ACCOUNT:role/NAME is wanted.");
  if (!/^[\w.@-]{2,64}$/.test(name)) {
    throw invalidParameter("RoleSessionName", "2 to 64 letters, digits, '.', '@', '-', '_' are wanted.");
  }
  const found = findRole(call.state.world, arn);
  if (!found) throw roleNotExist();
  const duration = call.parameters.DurationSeconds ?? "3600";
  const seconds = Number(duration);
  if (!/^\d+$/.test(duration) || seconds < 900 || seconds > found.role.maxSessionDurationSeconds) {
    throw invalidParameter(
      "DurationSeconds",
      `Between 900 and ${found.role.maxSessionDurationSeconds} is wanted.`,
    );
  }
  const { Policy } = call.parameters;
  const policy = Policy ? parsePolicy(Policy) : undefined;
  if (Policy && (!policy || Policy.length > 2048))
    throw invalidParameter("PolicyGrammar", "The policy is not valid.");
  return { ...found, name, seconds, policy };
}

function sessionAnswer(session: Session): Answer {
  return {
    AssumedRoleUser: { Arn: session.arn, AssumedRoleId: session.assumedRoleId },
    Credentials: {
      AccessKeyId: session.accessKeyId,
      AccessKeySecret: session.accessKeySecret,
      SecurityToken: session.securityToken,
      Expiration: isoSeconds(session.expiresAt),
    },
  };
}
