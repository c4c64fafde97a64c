import { randomUUID } from "node:crypto";
import { isoSeconds } from "./model/clock.ts";
import { acs3Signature, canonicalRequest, payloadHash } from "./signature/acs3.ts";
import { encode } from "./signature/encoding.ts";

/** Credentials to sign with. */
export interface ClientKey {
  id: string;
  secret: string;
  securityToken?: string | undefined;
}

export interface CallOptions {
  /** `http://127.0.0.1:PORT` */
  endpoint: string;
  key: ClientKey;
  action: string;
  version?: string;
  method?: string;
  path?: string;
  query?: Record<string, string>;
  /** The body. */
  form?: Record<string, string>;
  /** The Host header to sign and send; default the endpoint's. */
  host?: string;
  /** Epoch milliseconds. */
  now?: number;
  nonce?: string;
  /** Changes the headers after signing. */
  spoil?: (headers: Record<string, string>) => void;
}

export interface CallResult {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by tests
  body: any;
}

/** A bare API client for the cloud's own tests: one ACS3 call, the JSON answer. */
export async function call(options: CallOptions): Promise<CallResult> {
  const { endpoint, key, action, method = "POST", path = "/" } = options;
  const rawQuery = Object.entries(options.query ?? {})
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
  const body = Buffer.from(options.form ? `${new URLSearchParams(options.form)}` : "");
  const headers: Record<string, string> = {
    ...(options.form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
    host: options.host ?? new URL(endpoint).host,
    "x-acs-action": action,
    "x-acs-content-sha256": payloadHash(body),
    "x-acs-date": isoSeconds(options.now ?? Date.now()),
    ...(key.securityToken ? { "x-acs-security-token": key.securityToken } : {}),
    "x-acs-signature-nonce": options.nonce ?? randomUUID(),
    "x-acs-version": options.version ?? "2018-12-01",
  };
  const names = Object.keys(headers);
  const canonical = canonicalRequest({ method, path, rawQuery, headers, body }, names);
  const signature = acs3Signature(key.secret, canonical);
  headers.authorization = `ACS3-HMAC-SHA256 Credential=${key.id},SignedHeaders=${names.join(";")},Signature=${signature}`;
  options.spoil?.(headers);
  const url = `${endpoint}${path}${rawQuery ? `?${rawQuery}` : ""}`;
  const response = await fetch(url, { method, headers, ...(options.form ? { body } : {}) });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Calls an STS operation without a signature, its own parameters in the form body. */
export async function callUnsigned(
  endpoint: string,
  action: string,
  form: Record<string, string>,
): Promise<CallResult> {
  const query = new URLSearchParams({
    Action: action,
    Format: "JSON",
    SignatureNonce: randomUUID(),
    Timestamp: isoSeconds(Date.now()),
    Version: "2015-04-01",
  });
  const response = await fetch(`${endpoint}/?${query}`, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The key in the `Credentials` of an STS answer, or in a metadata document. */
export function keyOf(credentials: Record<string, string>): ClientKey {
  const { AccessKeyId = "", AccessKeySecret = "", SecurityToken } = credentials;
  return { id: AccessKeyId, secret: AccessKeySecret, securityToken: SecurityToken };
}
