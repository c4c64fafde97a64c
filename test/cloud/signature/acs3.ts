import { createHash, createHmac } from "node:crypto";
import { canonicalPairs, decodePairs, encode } from "./encoding.ts";

/** What ACS3-HMAC-SHA256 signs. Header names are lower-case; the query is as it came, undecoded. */
export interface SignedRequest {
  method: string;
  path: string;
  rawQuery: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface Acs3Authorization {
  accessKeyId: string;
  signedHeaders: string[];
  signature: string;
}

/** Headers that every ACS3 request must carry and sign (facts 8.1). */
export const requiredHeaders = [
  "host",
  "x-acs-action",
  "x-acs-content-sha256",
  "x-acs-date",
  "x-acs-signature-nonce",
  "x-acs-version",
];

/** Reads `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`; `undefined` if it is anything else. */
export function parseAuthorization(header: string | undefined): Acs3Authorization | undefined {
  const parts =
    /^ACS3-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
      header ?? "",
    );
  const [, accessKeyId, list, signature] = parts ?? [];
  if (!accessKeyId || !list || !signature) return undefined;
  return { accessKeyId, signedHeaders: list.split(";"), signature };
}

/** Lower-case hex SHA-256 of the body. */
export function payloadHash(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}

/** The canonical request over the given headers. Throws `URIError` if the query has a broken escape. */
export function canonicalRequest(request: SignedRequest, signedHeaders: string[]): string {
  const path = request.path
    .split("/")
    .map((part) => encode(decodeURIComponent(part)))
    .join("/");
  return [
    request.method,
    path,
    canonicalPairs(decodePairs(request.rawQuery)),
    signedHeaders.map((name) => `${name}:${(request.headers[name] ?? "").trim()}\n`).join(""),
    signedHeaders.join(";"),
    payloadHash(request.body),
  ].join("\n");
}

/** `ACS3-HMAC-SHA256\n` and the hash of the canonical request. */
export function stringToSign(canonical: string): string {
  return `ACS3-HMAC-SHA256\n${createHash("sha256").update(canonical).digest("hex")}`;
}

/** The signature in lower-case hex. */
export function acs3Signature(secret: string, canonical: string): string {
  return createHmac("sha256", secret).update(stringToSign(canonical)).digest("hex");
}
