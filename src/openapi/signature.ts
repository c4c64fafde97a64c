import { hmacSha256Hex, sha256Hex } from "../text/digest.ts";
import type { RamCredentials } from "./credentials.ts";

const ALGORITHM = "ACS3-HMAC-SHA256";

/** A request as it is signed. Header names in lower case, `host` among them. */
export interface SignableRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The headers that make a request one of Alibaba Cloud's V3 form: content hash, the temporary credentials' token
 * and `authorization`.
 * https://alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 */
export function signedHeaders(request: SignableRequest, credentials: RamCredentials): Record<string, string> {
  const headers: Record<string, string> = {
    ...request.headers,
    "x-acs-content-sha256": sha256Hex(request.body),
  };
  if (credentials.securityToken !== undefined) {
    headers["x-acs-accesskey-id"] = credentials.accessKeyId;
    headers["x-acs-security-token"] = credentials.securityToken;
  }
  const names = Object.keys(headers).filter(isSigned).sort();
  const digest = sha256Hex(canonicalRequest(request, headers, names));
  const signature = hmacSha256Hex(credentials.accessKeySecret, `${ALGORITHM}\n${digest}`);
  headers.authorization = `${ALGORITHM} Credential=${credentials.accessKeyId},SignedHeaders=${names.join(";")},Signature=${signature}`;
  return headers;
}

/** Parameters sorted by name, strictly encoded: the canonical form, which is also the form on the wire. */
export function encodeParameters(parameters: Readonly<Record<string, string>>): string {
  return Object.keys(parameters)
    .sort()
    .map((name) => `${encodeStrictly(name)}=${encodeStrictly(parameters[name] ?? "")}`)
    .join("&");
}

/** UTF-8 percent-encoding that leaves only `A-Z a-z 0-9 - _ . ~`. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function isSigned(header: string): boolean {
  return header === "host" || header === "content-type" || header.startsWith("x-acs-");
}

function canonicalRequest(
  request: SignableRequest,
  headers: Record<string, string>,
  names: string[],
): string {
  const lines = names.map((name) => `${name}:${headers[name]?.trim()}\n`).join("");
  const path = request.path.split("/").map(encodeStrictly).join("/");
  const hash = headers["x-acs-content-sha256"];
  return `${request.method}\n${path}\n${encodeParameters(request.query)}\n${lines}\n${names.join(";")}\n${hash}`;
}
