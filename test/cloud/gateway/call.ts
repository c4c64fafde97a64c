import { mayDo, type Principal } from "../model/permissions.ts";
import type { State } from "../state.ts";
import { ApiError, missingParameter } from "./apiError.ts";
import type { RequestRecord } from "./records.ts";

/** An authenticated API call on its way to its operation. */
export interface Call {
  state: State;
  record: RequestRecord;
  /** None for unsigned operations. */
  caller?: Principal | undefined;
  parameters: Record<string, string>;
  regionId?: string | undefined;
}

/** The fields of an answer; `RequestId` is added by the gateway. */
export type Answer = Record<string, unknown>;

/** The caller, who must be allowed to do the action. Throws `NoPermission` (403). */
export function authorize(call: Call, action: string, resource = "*"): Principal {
  const { caller } = call;
  if (!caller) throw new ApiError(403, "NoPermission", noPermission);
  if (mayDo(caller, action, resource)) return caller;
  throw new ApiError(403, "NoPermission", noPermission, {
    AccessDeniedDetail: {
      AuthAction: action,
      AuthPrincipalType: caller.kind === "user" ? "SubUser" : "AssumedRoleUser",
      AuthPrincipalDisplayName: caller.arn,
      AuthPrincipalOwnerId: caller.accountId,
      NoPermissionType: "ImplicitDeny",
      PolicyType: caller.sessionPolicy ? "SessionPolicy" : "AccountLevelIdentityBasedPolicy",
    },
  });
}

/** A mandatory parameter. Throws `MissingNAME` (400). */
export function required(call: Call, name: string): string {
  const value = call.parameters[name];
  if (!value) throw missingParameter(name);
  return value;
}

const noPermission = "You are not authorized to do this action. You should be authorized by RAM.";
