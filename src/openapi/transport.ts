// Node.js' HTTP library, loaded before the time of the first request runs; Bun has it inside.
import "#loadedHttp";
import { version } from "../../package.json";
import { Failure } from "../failure/failure.ts";
import { timeoutFailure } from "../run/deadline.ts";
import { type HttpResponse, once, type Run } from "../run/run.ts";
import { hostsOf, isUnknownAuthority, networkFailure, type Way, withWayOut } from "./networkFailure.ts";
import { type ProxyChoice, proxyChoice } from "./proxy.ts";
import type { Outcome } from "./retry.ts";
import { readAuthorities } from "./trust.ts";

/** Answers of the APIs and of the metadata service are a few KiB. */
const MAX_BODY_BYTES = 1024 * 1024;

/** In the form of the official SDKs': `AlibabaCloud (linux; x64) Node.js/v20.20.2 Core/1.0.8 TeaDSL/2`. */
const USER_AGENT = `AlibabaCloud (${process.platform}; ${process.arch}) aliyun-acr-credential-provider/${version}`;

export interface Exchange {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange, the last byte of the body included. */
  readonly timeoutMs: number;
  /** `environment`: HTTPS_PROXY and its like; `never`: for the node's own services. */
  readonly proxy: "environment" | "never";
  /** What else to do where the host cannot be reached without a proxy: completes "or …". */
  readonly instead?: string;
  /** Whether a redirect is an answer like any other; default: it is refused, because no API redirects. */
  readonly takesRedirects?: boolean;
  /** Reads no more than so many bytes of the body, and no matter how they are encoded; default: all of it, up to 1 MiB. */
  readonly firstBytes?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: HttpResponse["headers"];
  readonly body: string;
}

/**
 * One HTTP exchange: no redirect is followed, nothing is decompressed, the body is bounded in time and size.
 * @throws Failure: what kept the answer from coming, or `Redirected`, `ResponseTooLarge`, `ResponseInvalid`.
 */
export async function exchange(run: Run, request: Exchange): Promise<Answer> {
  const url = new URL(request.url);
  const timeoutMs = Math.max(1, Math.ceil(run.deadline.atMost(request.timeoutMs, url.host)));
  const choice = request.proxy === "never" ? undefined : proxyChoice(run.env, url);
  const proxy = choice?.proxy;
  run.secrets.add(proxy?.password, proxy && decode(proxy.password));
  const init: BunFetchRequestInit = {
    method: request.method,
    headers: { "accept-encoding": "identity", "user-agent": USER_AGENT, ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
    ...directly(proxy),
  };
  try {
    const [response] = await Promise.all([
      fetchTrusting(run, url, init),
      once(run, "while waiting", async () => run.whileWaiting?.(run)),
    ]);
    const body = await readBody(response, url.host, request.firstBytes);
    if (request.takesRedirects !== true) refuseRedirect(response, url.host);
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const way = wayTo(url, choice);
    const failure =
      (error as Error).name === "TimeoutError"
        ? timeoutFailure(hostsOf(way), timeoutMs)
        : networkFailure(error, way);
    throw withWayOut(failure, way, request.instead);
  }
}

/** One attempt at a service that is no OpenAPI: an exchange that is noted in the run's record as `api`. */
export async function attemptExchange(run: Run, api: string, request: Exchange): Promise<Outcome<Answer>> {
  const startedAt = run.now();
  const note = (end: { status: number } | { code: string }) =>
    run.record.calls.push({ api, endpoint: new URL(request.url).host, ...end, ms: run.now() - startedAt });
  try {
    const answer = await exchange(run, request);
    note({ status: answer.status });
    return { value: answer };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    note({ code: error.code });
    return { failure: error };
  }
}

/**
 * What only Bun's `fetch` knows. Without it the environment would have a say: the proxy variables by rules of its own,
 * NODE_TLS_REJECT_UNAUTHORIZED, which switches the verification of TLS off, and BUN_CONFIG_VERBOSE_FETCH, which prints
 * headers. And a body would be inflated before anyone can count its bytes.
 */
function directly(proxy: URL | undefined): BunFetchRequestInit {
  const options = {
    decompress: false,
    verbose: false,
    tls: { rejectUnauthorized: true },
    proxy: proxy === undefined ? (false as const) : { url: proxy.href, respectNoProxy: false },
  };
  return options;
}

/**
 * Trusts the authorities of `tls.caFile` besides the runtime's own. Bun's `tls.ca` replaces the built-in roots, and
 * naming all of them again would cost 5 ms and 5 MiB: so whoever is not vouched for by the file (nothing has been
 * sent then) is asked again with the runtime's own, NODE_EXTRA_CA_CERTS among them.
 */
async function fetchTrusting(run: Run, url: URL, init: BunFetchRequestInit): Promise<HttpResponse> {
  const { caFile } = run.config.tls;
  if (caFile === undefined || url.protocol !== "https:") return run.fetch(url.href, init);
  const tls = { ...init.tls, ca: readAuthorities(caFile) };
  try {
    return await run.fetch(url.href, { ...init, tls } as BunFetchRequestInit);
  } catch (error) {
    if (!isUnknownAuthority(error)) throw error;
    return run.fetch(url.href, init);
  }
}

function refuseRedirect(response: HttpResponse, host: string): void {
  if (response.status < 300 || response.status > 399) return;
  throw new Failure(`${host} redirects (HTTP ${response.status}), which an API never does`, {
    code: "Redirected",
    remedy: "check the endpoint and whatever stands between the node and it (proxy, login page)",
    httpStatus: response.status,
  });
}

async function readBody(response: HttpResponse, host: string, firstBytes?: number): Promise<string> {
  if (firstBytes === undefined && (response.headers.get("content-encoding") ?? "identity") !== "identity") {
    await response.body?.cancel();
    throw responseInvalid(host, "compressed, which was not asked for");
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    chunks.push(chunk);
    if (firstBytes !== undefined && size >= firstBytes) break;
    if (size > MAX_BODY_BYTES) throw responseTooLarge(host);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function responseTooLarge(host: string): Failure {
  return new Failure(`the answer of ${host} is larger than 1 MiB`, {
    code: "ResponseTooLarge",
    remedy: "check the endpoint and whatever stands between the node and it",
  });
}

/** An answer that is not one of an API; it may have been damaged on the way, so trying again makes sense. */
export function responseInvalid(host: string, what: string): Failure {
  return new Failure(`the answer of ${host} is ${what}`, {
    code: "ResponseInvalid",
    transient: true,
    remedy: "check the endpoint and whatever stands between the node and it (proxy, login page)",
  });
}

function wayTo({ host }: URL, choice: ProxyChoice | undefined): Way {
  if (choice?.proxy === undefined) return { host };
  return { host, proxy: { host: choice.proxy.host, variable: choice.reason } };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
