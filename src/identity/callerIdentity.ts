import { callOpenApi } from "../openapi/call.ts";
import type { Run } from "../run/run.ts";
import type { IdentityContext, RamCredentials } from "./identity.ts";

/** Who credentials are towards Alibaba Cloud. */
export interface CallerIdentity {
  /** `acs:ram::ACCOUNT:user/NAME`, `acs:ram::ACCOUNT:assumed-role/ROLE/SESSION`. */
  readonly arn: string;
  /** `RAMUser`, `AssumedRoleUser`, `Account`. */
  readonly type: string;
}

/**
 * Asks STS whose credentials these are; no permission is needed:
 * https://api.alibabacloud.com/api/Sts/2015-04-01/GetCallerIdentity
 * @throws Failure of the call.
 */
export async function callerIdentity(
  run: Run,
  credentials: RamCredentials,
  { regionId, network }: Pick<IdentityContext, "regionId" | "network">,
): Promise<CallerIdentity> {
  const { Arn, IdentityType } = await callOpenApi(run, {
    product: "sts",
    action: "GetCallerIdentity",
    version: "2015-04-01",
    method: "POST",
    path: "/",
    regionId,
    network,
    credentials,
  });
  return { arn: named(Arn, run), type: named(IdentityType, run) };
}

function named(value: unknown, { secrets }: Run): string {
  const isName = typeof value === "string" && /^[\w:./@-]{1,300}$/.test(value);
  return isName && secrets.isHarmless(value) ? value : "unknown";
}
