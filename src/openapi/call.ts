import { Failure, restate } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import { parseJsonObject } from "../text/json.ts";
import { apiFailure, type CalledApi, isSuccess, requestIdOf } from "./apiFailure.ts";
import type { RamCredentials } from "./credentials.ts";
import { type Endpoint, type EndpointChoice, endpointsOf, type Product } from "./endpoints.ts";
import { cannotConnect } from "./networkFailure.ts";
import { lastReachedFirst, rememberReached } from "./rememberedEndpoint.ts";
import { type Outcome, retryAfterMs, withRetries } from "./retry.ts";
import { encodeParameters, signedHeaders } from "./signature.ts";
import { type Answer, exchange, responseInvalid } from "./transport.ts";

interface Operation {
  readonly product: Product;
  readonly action: string;
  readonly version: string;
  readonly method: "GET" | "POST";
  /** `/` for RPC style, the resource's path for ROA style. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly regionId?: string;
  readonly network: EndpointChoice;
}

/** Signed with these credentials; all of its parameters are in the query. */
interface SignedOperation extends Operation {
  readonly credentials: RamCredentials;
  readonly form?: never;
}

/** Not signed, as AssumeRoleWithOIDC is. */
interface AnonymousOperation extends Operation {
  readonly credentials?: never;
  /** Sent as the body, where secrets belong: a URL may end up in a proxy's log. */
  readonly form: Readonly<Record<string, string>>;
}

export type OpenApiRequest = SignedOperation | AnonymousOperation;

/**
 * One call of Alibaba Cloud's OpenAPI, with retries and the other endpoint where the first cannot be reached.
 * @returns the answer's JSON object.
 * @throws Failure with the API's code and request id, or with the network's cause; each attempt is in the record.
 */
export async function callOpenApi(run: Run, request: OpenApiRequest): Promise<Record<string, unknown>> {
  run.secrets.add(request.credentials?.accessKeySecret, request.credentials?.securityToken);
  const configured = endpointsOf(run, request.product, request.regionId, request.network);
  const endpoints = await lastReachedFirst(run, configured);
  let switches = 0;
  return withRetries(run, async () => {
    const endpoint = endpoints[switches % endpoints.length] as Endpoint;
    const outcome = await attempt(run, request, endpoint);
    if ("failure" in outcome && cannotConnect(outcome.failure) && endpoints.length > 1) {
      switches++;
      const failure = alsoTried(outcome.failure, endpoints, endpoint);
      return { failure: switches > 1 ? failure : outcome.failure, retryNow: switches < endpoints.length };
    }
    if (switches > 0) await rememberReached(run, configured, endpoint);
    return outcome;
  });
}

function alsoTried(failure: Failure, endpoints: readonly Endpoint[], last: Endpoint): Failure {
  const others = endpoints.filter((endpoint) => endpoint !== last).map(({ url }) => new URL(url).host);
  return restate(failure, { message: `${failure.message}; no connection to ${others.join(", ")} either` });
}

async function attempt(
  run: Run,
  request: OpenApiRequest,
  endpoint: Endpoint,
): Promise<Outcome<Record<string, unknown>>> {
  const api: CalledApi = { ...request, endpoint: new URL(endpoint.url).host };
  const startedAt = run.now();
  const record = (call: { status?: number; code?: string; requestId?: string }) =>
    run.record.calls.push({ api: api.action, endpoint: api.endpoint, ...call, ms: run.now() - startedAt });
  try {
    const answer = await send(run, request, endpoint);
    const body = parseJsonObject(answer.body);
    const requestId = requestIdOf(body, answer.headers, run.secrets);
    const details = { status: answer.status, ...(requestId === undefined ? {} : { requestId }) };
    const failure = failureOf(run, api, answer, body);
    record(failure === undefined ? details : { ...details, code: failure.code });
    if (failure !== undefined) return { failure, retryAfterMs: retryAfterMs(answer.headers, run.now()) };
    const value = body as Record<string, unknown>;
    learnSecrets(run, value);
    return { value };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { httpStatus: status } = error.details;
    record({ code: error.code, ...(status === undefined ? {} : { status }) });
    return { failure: named(error, api) };
  }
}

function failureOf(
  run: Run,
  api: CalledApi,
  answer: Answer,
  body: Record<string, unknown> | undefined,
): Failure | undefined {
  if (body !== undefined && isSuccess(answer, body)) return undefined;
  if (body === undefined && answer.status >= 200 && answer.status < 300) {
    return named(responseInvalid(api.endpoint, "not a JSON object"), api);
  }
  return apiFailure(api, answer, body, { now: run.now(), secrets: run.secrets });
}

function named(failure: Failure, api: CalledApi): Failure {
  return restate(failure, {
    message: `${api.action}: ${failure.message}`,
    api: api.action,
    endpoint: api.endpoint,
  });
}

async function send(run: Run, request: OpenApiRequest, endpoint: Endpoint): Promise<Answer> {
  const { method, path, form } = request;
  const { query, headers } =
    request.credentials === undefined
      ? anonymous(run, request)
      : signed(run, request, new URL(endpoint.url).host);
  const search = encodeParameters(query);
  return exchange(run, {
    method,
    url: `${endpoint.url}${path}${search === "" ? "" : `?${search}`}`,
    headers: { accept: "application/json", ...headers },
    ...(form === undefined ? {} : { body: encodeParameters(form) }),
    timeoutMs: run.config.timeouts.requestMs,
    proxy: "environment",
    ...(endpoint.instead === undefined ? {} : { instead: endpoint.instead }),
  });
}

interface Envelope {
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The V3 form: what is called is in headers, its parameters are in the query, and the body is empty. credentials-cpp
 * calls AssumeRole so, and every official SDK the API of ACR.
 */
function signed(run: Run, request: SignedOperation, host: string): Envelope {
  const { method, path, query = {}, action, version, credentials } = request;
  const named = {
    host,
    "x-acs-action": action,
    "x-acs-version": version,
    "x-acs-date": isoSeconds(run.now()),
    "x-acs-signature-nonce": nonce(),
  };
  const all = signedHeaders({ method, path, query, body: "", headers: named }, credentials);
  const { host: _host, ...headers } = all;
  run.secrets.add(headers.authorization?.split("Signature=")[1]);
  return { query, headers };
}

/** The RPC form without its signature: what is called is in the query (as in aliyun/credentials-go and ack-ram-tool). */
function anonymous(run: Run, { action, version, query }: AnonymousOperation): Envelope {
  return {
    query: {
      ...query,
      Action: action,
      Format: "JSON",
      SignatureNonce: nonce(),
      Timestamp: isoSeconds(run.now()),
      Version: version,
    },
    headers: { "content-type": "application/x-www-form-urlencoded" },
  };
}

function isoSeconds(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, "Z");
}

function nonce(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

const secretFields = new Set([
  "AuthorizationToken",
  "authorizationToken",
  "AccessKeySecret",
  "SecurityToken",
]);

/** The secrets of an answer are known to the sinks before anyone can print them. */
function learnSecrets(run: Run, value: Record<string, unknown>): void {
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === "string" && secretFields.has(name)) run.secrets.add(field);
    if (typeof field === "object" && field !== null) learnSecrets(run, field as Record<string, unknown>);
  }
}
