import { parseCredentialsUri } from "../config/values.ts";
import { Failure } from "../failure/failure.ts";
import { isLoopback } from "../host/hostName.ts";
import { type Outcome, retryAfterMs, withRetries } from "../openapi/retry.ts";
import { type Answer, attemptExchange, responseInvalid } from "../openapi/transport.ts";
import type { Run } from "../run/run.ts";
import { sha256Hex } from "../text/digest.ts";
import { parseJsonObject } from "../text/json.ts";
import type { Identity, IdentitySetting, RamCredentials } from "./identity.ts";
import { temporaryCredentials } from "./temporaryCredentials.ts";

/**
 * Credentials from a URI that answers with `AccessKeyId`, `AccessKeySecret`, `SecurityToken`, `Expiration`.
 * @throws Failure `ConfigInvalid` for a URI that is not one, or that would carry credentials in the clear.
 */
export async function fromCredentialsUri({ secrets }: IdentitySetting, uri: string): Promise<Identity> {
  const parsed = parseCredentialsUri(uri);
  if ("problem" in parsed) throw invalid(parsed.problem);
  const url = parsed.value;
  // A query may hold a secret, and keys are written to the cache.
  const query = url.search === "" ? "" : sha256Hex(url.search);
  for (const value of url.searchParams.values()) secrets.add(value);
  return {
    name: `credentialsUri ${url.origin}${url.pathname}`,
    key: JSON.stringify(["credentialsUri", url.origin, url.pathname, query]),
    credentials: (run) => uriCredentials(run, url),
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

/**
 * Asks a credentials URI.
 * @throws Failure of the network, `Http…` for a refusal, or `CredentialsInvalid`.
 */
async function uriCredentials(run: Run, url: URL): Promise<RamCredentials> {
  const answer = await withRetries(run, () => attempt(run, url));
  const body = parseJsonObject(answer.body);
  if (body === undefined) throw responseInvalid(url.host, "not a JSON object");
  return temporaryCredentials(run, body, `the answer of ${url.origin}${url.pathname}`);
}

async function attempt(run: Run, url: URL): Promise<Outcome<Answer>> {
  const outcome = await attemptExchange(run, "credentialsUri", {
    method: "GET",
    url: url.href,
    headers: { accept: "application/json" },
    timeoutMs: run.config.timeouts.requestMs,
    proxy: isLoopback(url.hostname) || url.protocol === "http:" ? "never" : "environment",
  });
  if ("failure" in outcome || outcome.value.status === 200) return outcome;
  const { status, headers } = outcome.value;
  return { failure: refused(url, status), retryAfterMs: retryAfterMs(headers, run.now()) };
}

function refused(url: URL, status: number): Failure {
  return new Failure(`${url.origin}${url.pathname} answers with HTTP ${status} instead of credentials`, {
    code: `Http${status}`,
    transient: status >= 500 || status === 429,
    endpoint: url.host,
    httpStatus: status,
    remedy: "check the credentials URI and the service behind it",
  });
}
