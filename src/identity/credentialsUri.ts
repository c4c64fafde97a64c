import { parseCredentialsUri } from "../config/values.ts";
import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import { sha256Hex } from "../text/digest.ts";
import type { Identity } from "./identity.ts";

/**
 * Credentials from a URI that answers with `AccessKeyId`, `AccessKeySecret`, `SecurityToken`, `Expiration`.
 * @throws Failure `ConfigInvalid` for a URI that is not one, or that would carry credentials in the clear.
 */
export async function fromCredentialsUri(run: Run, uri: string | undefined): Promise<Identity> {
  const parsed = parseCredentialsUri(uri ?? "");
  if ("problem" in parsed) throw invalid(parsed.problem);
  const url = parsed.value;
  // A query may hold a secret, and keys are written to the cache.
  const query = url.search === "" ? "" : await sha256Hex(url.search);
  for (const value of url.searchParams.values()) run.secrets.add(value);
  return {
    name: `credentialsUri ${url.origin}${url.pathname}`,
    key: JSON.stringify(["credentialsUri", url.origin, url.pathname, query]),
    credentials: async () => (await import("./uriCredentials.ts")).uriCredentials(run, url),
  };
}

function invalid(why: string): Failure {
  return new Failure(`identity credentialsUri: uri ${why}`, {
    code: "ConfigInvalid",
    remedy:
      "set identity.uri (ALIBABA_CLOUD_CREDENTIALS_URI) to an https:// URI, or an http:// one of this machine",
    exitStatus: 2,
  });
}
