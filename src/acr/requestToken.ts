import { Failure } from "../failure/failure.ts";
import type { RamCredentials } from "../identity/identity.ts";
import { callOpenApi } from "../openapi/call.ts";
import type { Registry } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";
import { isRegistryToken, type RegistryToken } from "./token.ts";

/**
 * Asks ACR's API for a token of the registry's instance.
 * @throws Failure of the call, `TokenInvalid` when the answer holds no usable token, `TokenExpired`.
 */
export function requestToken(
  run: Run,
  registry: Registry,
  credentials: RamCredentials,
): Promise<RegistryToken> {
  return registry.edition === "enterprise"
    ? enterpriseToken(run, registry, credentials)
    : personalToken(run, registry, credentials);
}

/**
 * By GetAuthorizationToken of ACR's API 2018-12-01. The token lives an hour, or as long as the STS session that asked
 * for it: only `ExpireTime` (epoch ms) tells.
 */
async function enterpriseToken(
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

/**
 * By `GET /tokens` of ACR's API 2016-06-07 (https://www.alibabacloud.com/help/doc-detail/72334.htm): the answer is
 * wrapped in `data`.
 */
async function personalToken(
  run: Run,
  registry: Registry,
  credentials: RamCredentials,
): Promise<RegistryToken> {
  const answer = await callOpenApi(run, {
    product: "cr",
    action: "GetAuthorizationToken",
    version: "2016-06-07",
    method: "GET",
    path: "/tokens",
    regionId: registry.regionId,
    network: registry.network,
    credentials,
  });
  const data = (answer.data ?? {}) as Record<string, unknown>;
  return checkedToken(run, {
    username: data.tempUserName,
    password: data.authorizationToken,
    expiresAt: data.expireDate,
  });
}

/** ACR's tokens live an hour. What claims to live longer than this is believed so long (ms), and no kubelet keeps it forever. */
const LONGEST_LIFE_MS = 24 * 60 * 60 * 1000;

/**
 * What an API answered as token, checked. `expiresAt` is epoch ms.
 * @throws Failure `TokenInvalid` for anything that is not a token, `TokenExpired` for one that has already expired.
 */
export function checkedToken(
  run: Run,
  answer: { username: unknown; password: unknown; expiresAt: unknown },
): RegistryToken {
  const issuedAt = run.now();
  const token = { ...answer, issuedAt, jitter: run.random() };
  if (typeof answer.password === "string") run.secrets.add(answer.password);
  if (!isRegistryToken(token)) {
    throw new Failure(
      "the API's answer holds no user name and password of printable ASCII with an expiry time",
      {
        code: "TokenInvalid",
        remedy: "check endpoints.acr and whatever stands between the node and ACR's API",
      },
    );
  }
  if (token.expiresAt <= issuedAt) {
    throw new Failure(
      `the token expired at ${isoTime(token.expiresAt)}, before it arrived at ${isoTime(issuedAt)}`,
      {
        code: "TokenExpired",
        remedy: "set the node's clock (NTP)",
      },
    );
  }
  return { ...token, expiresAt: Math.min(token.expiresAt, issuedAt + LONGEST_LIFE_MS) };
}

function isoTime(epochMs: number): string {
  return Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : String(epochMs);
}
