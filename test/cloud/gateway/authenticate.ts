import { timingSafeEqual } from "node:crypto";
import { parameterPairs, type ReceivedRequest } from "../http/receivedRequest.ts";
import { userArn } from "../model/arn.ts";
import type { Principal } from "../model/permissions.ts";
import { sessionPrincipal } from "../model/sessions.ts";
import {
  acs3Signature,
  canonicalRequest,
  parseAuthorization,
  payloadHash,
  requiredHeaders,
  stringToSign,
} from "../signature/acs3.ts";
import { rpcSignature } from "../signature/rpc.ts";
import type { State } from "../state.ts";
import { ApiError } from "./apiError.ts";
import { clockToleranceMs } from "./nonces.ts";
import type { RequestRecord } from "./records.ts";

/** What a signed request claims, whichever way it was signed. */
interface Claim {
  accessKeyId: string;
  signatureMatches(secret: string): boolean;
  /** For the error message only. */
  serverText: string;
  date: string;
  nonce: string;
  securityToken: string | undefined;
}

/** Who signed the request. Throws `ApiError` as the gateway answers. */
export function authenticate(state: State, request: ReceivedRequest, record: RequestRecord): Principal {
  const claim = record.signature === "RPC-HMAC-SHA1" ? rpcClaim(request) : acs3Claim(request, record);
  record.accessKeyId = claim.accessKeyId;
  checkDate(claim.date, state.clock.now());
  const key = findKey(state, claim.accessKeyId);
  if (!claim.signatureMatches(key.secret)) {
    // The live gateway repeats what it signed, security token included, in its message.
    throw new ApiError(
      400,
      "SignatureDoesNotMatch",
      `Specified signature does not match our calculation. server string to sign is:[${claim.serverText}]`,
    );
  }
  checkSecurityToken(claim.securityToken, key.securityToken, record);
  if (key.expiresAt !== undefined && key.expiresAt <= state.clock.now()) {
    throw new ApiError(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.");
  }
  if (!state.nonces.use(claim.accessKeyId, claim.nonce, state.clock.now())) {
    throw new ApiError(400, "SignatureNonceUsed", "Specified signature nonce was used already.");
  }
  record.callerArn = key.principal.arn;
  return key.principal;
}

function acs3Claim(request: ReceivedRequest, record: RequestRecord): Claim {
  const authorization = parseAuthorization(request.headers.authorization);
  if (!authorization)
    throw new ApiError(400, "IncompleteSignature", "The request has no valid Authorization.");
  const { accessKeyId, signedHeaders, signature } = authorization;
  const sent = Object.keys(request.headers);
  const must = [...requiredHeaders, ...sent.filter((name) => name.startsWith("x-acs-"))];
  const unsigned = [...new Set(must)].filter((name) => !signedHeaders.includes(name));
  const absent = [...new Set([...must, ...signedHeaders])].filter(
    (name) => request.headers[name] === undefined,
  );
  if (unsigned.length > 0) record.violations.push(`unsigned headers: ${unsigned.join(", ")}`);
  if (absent.length > 0) record.violations.push(`absent headers: ${absent.join(", ")}`);
  // The documentation does not ask for it, but every official SDK signs it.
  if (sent.includes("content-type") && !signedHeaders.includes("content-type"))
    record.violations.push("content-type unsigned");
  if (signedHeaders.join() !== [...signedHeaders].sort().join())
    record.violations.push("signed headers unsorted");
  const named = request.headers["x-acs-accesskey-id"];
  if (named !== undefined && named !== accessKeyId)
    record.violations.push("x-acs-accesskey-id of another key");
  if (unsigned.length > 0 || absent.length > 0) {
    throw new ApiError(400, "IncompleteSignature", `Not signed: ${[...unsigned, ...absent].join(", ")}.`);
  }
  if (request.headers["x-acs-content-sha256"] !== payloadHash(request.body)) {
    record.violations.push("x-acs-content-sha256 is not the hash of the body");
    throw new ApiError(400, "InvalidContentSha256", "x-acs-content-sha256 does not match the body.");
  }
  const canonical = canonical3(request, signedHeaders);
  return {
    accessKeyId,
    signatureMatches: (secret) => equal(acs3Signature(secret, canonical), signature),
    serverText: `${stringToSign(canonical)}] server canonicalRequest is:[${canonical}`,
    date: request.headers["x-acs-date"] ?? "",
    nonce: request.headers["x-acs-signature-nonce"] ?? "",
    securityToken: request.headers["x-acs-security-token"],
  };
}

function canonical3(request: ReceivedRequest, signedHeaders: string[]): string {
  try {
    return canonicalRequest(request, signedHeaders);
  } catch {
    throw new ApiError(400, "InvalidParameter", "The query has a broken escape.");
  }
}

function rpcClaim(request: ReceivedRequest): Claim {
  const pairs = parameterPairs(request);
  const of = (name: string) => pairs.find(([found]) => found === name)?.[1];
  if (of("SignatureMethod") !== "HMAC-SHA1" || of("SignatureVersion") !== "1.0") {
    throw new ApiError(
      400,
      "IncompleteSignature",
      "SignatureMethod must be HMAC-SHA1, SignatureVersion 1.0.",
    );
  }
  return {
    accessKeyId: of("AccessKeyId") ?? "",
    signatureMatches: (secret) => equal(rpcSignature(request.method, pairs, secret), of("Signature") ?? ""),
    serverText: request.method,
    date: of("Timestamp") ?? "",
    nonce: of("SignatureNonce") ?? "",
    securityToken: of("SecurityToken"),
  };
}

function checkDate(date: string, now: number): void {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date) ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new ApiError(
      400,
      "InvalidTimeStamp.Format",
      "Specified time stamp or date value is not well formatted.",
    );
  }
  if (Math.abs(now - at) > clockToleranceMs) {
    throw new ApiError(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.");
  }
}

function checkSecurityToken(sent: string | undefined, real: string | undefined, record: RequestRecord): void {
  if (sent === real) return;
  if (sent === undefined)
    throw new ApiError(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.");
  record.violations.push(
    real === undefined ? "security token with a permanent key" : "security token of another key",
  );
  throw new ApiError(
    400,
    "InvalidSecurityToken.MismatchWithAccessKey",
    "Specified SecurityToken mismatches the AccessKey.",
  );
}

interface Key {
  secret: string;
  securityToken?: string | undefined;
  expiresAt?: number | undefined;
  principal: Principal;
}

function findKey(state: State, accessKeyId: string): Key {
  const session = state.sessions.find(accessKeyId);
  const principal = session && !session.revoked ? sessionPrincipal(state.world, session) : undefined;
  if (session && principal) return { ...session, secret: session.accessKeySecret, principal };
  for (const { id, users } of state.world.accounts) {
    for (const user of users) {
      const key = user.accessKeys.find((candidate) => candidate.id === accessKeyId);
      if (key?.status === "Inactive") {
        throw new ApiError(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.");
      }
      const arn = userArn(id, user.name);
      const { name, permissions } = user;
      if (key) {
        return {
          secret: key.secret,
          principal: { kind: "user", accountId: id, arn, trustArn: arn, name, permissions, accessKeyId },
        };
      }
    }
  }
  throw new ApiError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
