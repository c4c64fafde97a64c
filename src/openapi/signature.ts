import { sha256Hex } from "../text/digest.ts";
import type { RamCredentials } from "./credentials.ts";

const ALGORITHM = "ACS3-HMAC-SHA256";

/** Of no bytes: most requests have no body, and each digest waits for a thread. */
const SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

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
export async function signedHeaders(
  request: SignableRequest,
  credentials: RamCredentials,
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {
    ...request.headers,
    "x-acs-content-sha256": request.body === "" ? SHA256_OF_NOTHING : await sha256Hex(request.body),
  };
  if (credentials.securityToken !== undefined) {
    headers["x-acs-accesskey-id"] = credentials.accessKeyId;
    headers["x-acs-security-token"] = credentials.securityToken;
  }
  const names = Object.keys(headers).filter(isSigned).sort();
  const [key, digest] = await Promise.all([
    hmacKey(credentials.accessKeySecret),
    sha256Hex(canonicalRequest(request, headers, names)),
  ]);
  const signature = await hmacHex(key, `${ALGORITHM}\n${digest}`);
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

function hmacKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign"]);
}

async function hmacHex(key: CryptoKey, text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text))).toString("hex");
}
