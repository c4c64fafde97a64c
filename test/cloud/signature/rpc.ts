import { createHmac } from "node:crypto";
import { canonicalPairs, encode } from "./encoding.ts";

/**
 * Signature of the old RPC style (HMAC-SHA1, base64), which `@alicloud/credentials` uses for
 * AssumeRole (facts 8.3). The parameters are those of query and form together.
 */
export function rpcSignature(method: string, parameters: [string, string][], secret: string): string {
  const signed = parameters.filter(([name]) => name !== "Signature");
  const text = `${method}&${encode("/")}&${encode(canonicalPairs(signed))}`;
  return createHmac("sha1", `${secret}&`).update(text).digest("base64");
}
