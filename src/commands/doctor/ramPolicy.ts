import type { Failure } from "../../failure/failure.ts";
import type { Identity } from "../../identity/identity.ts";
import type { Run } from "../../run/run.ts";

/** An identity by the name that an operator looks for in RAM: the node's role by its own, once it is known. */
export function nameOf({ record }: Run, identity: Identity | undefined): string {
  const name = identity?.name ?? "this identity";
  return record.nodeRole === undefined ? name : name.replace("(the node's role)", record.nodeRole);
}

/** One statement of a RAM policy, as the console takes it. */
export function policyStatement(action: string | readonly string[], resource: string): string {
  return JSON.stringify({ Effect: "Allow", Action: action, Resource: resource }, null, 1).replace(
    /\n\s*/g,
    " ",
  );
}

/** What the plugin needs of ACR without discovery: https://www.alibabacloud.com/help/en/acr/user-guide/non-secret-pulling-container-image */
const MINIMUM = ["cr:GetAuthorizationToken", "cr:ListInstanceEndpoint", "cr:PullRepository"];

/**
 * What fixes a failure of ACR's API: where it says that a permission is missing, the statement for `who`, a RAM user or
 * role; else the failure's own remedy.
 */
export function remedyWithPolicy(failure: Failure, who: string): string | undefined {
  const { code, details } = failure;
  if (!/^(NoPermission|Forbidden|AccessDenied|Unauthorized)/i.test(code)) return failure.remedy;
  if (details.api === undefined || !/^(GetAuthorizationToken|ListInstance)/.test(details.api))
    return failure.remedy;
  const actions = details.api === "ListInstance" ? [...MINIMUM, "cr:ListInstance"] : MINIMUM;
  return `attach a RAM policy to ${who}: ${policyStatement(actions, "*")}`;
}
