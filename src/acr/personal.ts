import { Failure, restate } from "../failure/failure.ts";
import { parseAcrHost } from "../host/acrHost.ts";
import type { RamCredentials } from "../identity/identity.ts";
import { callOpenApi } from "../openapi/call.ts";
import type { Registry } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";
import { checkedToken } from "./checkedToken.ts";
import type { RegistryToken } from "./token.ts";

/**
 * A token of a region's Personal Edition, by `GET /tokens` of ACR's API 2016-06-07
 * (https://www.alibabacloud.com/help/doc-detail/72334.htm): the answer is wrapped in `data`.
 * @throws Failure of the call, or `TokenInvalid` when the answer holds no usable token.
 */
export async function requestPersonalToken(
  run: Run,
  registry: Registry,
  credentials: RamCredentials,
): Promise<RegistryToken> {
  const answer = await call(run, registry, credentials);
  const data = (answer.data ?? {}) as Record<string, unknown>;
  return checkedToken(run, {
    username: data.tempUserName,
    password: data.authorizationToken,
    expiresAt: data.expireDate,
  });
}

async function call(run: Run, registry: Registry, credentials: RamCredentials) {
  try {
    return await callOpenApi(run, {
      product: "cr",
      action: "GetAuthorizationToken",
      version: "2016-06-07",
      method: "GET",
      path: "/tokens",
      regionId: registry.regionId,
      network: registry.network,
      credentials,
    });
  } catch (error) {
    const { host, origin } = registry;
    const hasOwnHost = parseAcrHost(host)?.edition === "newPersonal";
    if (!hasOwnHost || !(error instanceof Failure) || error.transient) throw error;
    const instead =
      `keep a user name and password on the node (fixedCredentials of ${origin}): nobody documents that this API ` +
      "serves Personal Edition instances with a host of their own";
    throw restate(error, { remedy: [error.remedy, instead].filter(Boolean).join(", or ") });
  }
}
