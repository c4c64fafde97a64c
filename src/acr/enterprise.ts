import type { RamCredentials } from "../identity/identity.ts";
import { callOpenApi } from "../openapi/call.ts";
import type { Registry } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";
import { checkedToken } from "./checkedToken.ts";
import type { RegistryToken } from "./token.ts";

/**
 * A token of an Enterprise Edition instance, by GetAuthorizationToken of ACR's API 2018-12-01.
 * It lives an hour, or as long as the STS session that asked for it: only `ExpireTime` (epoch ms) tells.
 * @throws Failure of the call, or `TokenInvalid` when the answer holds no usable token.
 */
export async function requestEnterpriseToken(
  run: Run,
  registry: Registry,
  credentials: RamCredentials,
): Promise<RegistryToken> {
  const answer = await callOpenApi(run, {
    product: "cr",
    action: "GetAuthorizationToken",
    version: "2018-12-01",
    method: "POST",
    path: "/",
    query: { InstanceId: registry.instanceId },
    regionId: registry.regionId,
    network: registry.network,
    credentials,
  });
  return checkedToken(run, {
    username: answer.TempUsername,
    password: answer.AuthorizationToken,
    expiresAt: answer.ExpireTime,
  });
}
