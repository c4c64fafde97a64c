import { Failure, restate } from "../failure/failure.ts";

/** How a host was to be reached. */
export interface Way {
  /** Host and port. */
  readonly host: string;
  /** Host and port of the proxy, and the environment variable that names it. */
  readonly proxy?: { readonly host: string; readonly variable: string };
}

/** `HOST`, or `HOST through the proxy PROXY (VARIABLE)`. */
export function hostsOf({ host, proxy }: Way): string {
  return proxy === undefined ? host : `${host} through the proxy ${proxy.host} (${proxy.variable})`;
}

interface Cause {
  readonly code: string;
  /** Completes "connect to HOST: ". */
  readonly why: string;
  readonly remedy: string;
  readonly transient: boolean;
}

const CLOCK_OR_CERTIFICATE = "check the node's clock, and the certificate of whatever answers there";
const TRUST =
  "put the authority's certificate into tls.caFile if this is your own TLS-inspecting proxy or endpoint; otherwise somebody else answers for that host";

const refused: Cause = {
  code: "ConnectionRefused",
  why: "connection refused",
  remedy: "check that the host and port are right and that no firewall rejects the node",
  transient: true,
};
const hostNotFound: Cause = {
  code: "HostNotFound",
  why: "the name does not resolve",
  remedy: "check the node's DNS and, if an endpoint or region is configured, its spelling",
  transient: true,
};
const reset: Cause = {
  code: "ConnectionReset",
  why: "the connection was closed before the answer was complete",
  remedy: "check firewalls and proxies between the node and that host",
  transient: true,
};
const unreachable: Cause = {
  code: "NetworkUnreachable",
  why: "no route to it",
  remedy: "check the node's routes and its access to the Internet",
  transient: true,
};
const unknownAuthority: Cause = {
  code: "TlsUnknownAuthority",
  why: "its certificate is signed by an authority that this node does not trust",
  remedy: TRUST,
  transient: false,
};
const certificateExpired: Cause = {
  code: "TlsCertificateExpired",
  why: "its certificate is expired or not yet valid",
  remedy: CLOCK_OR_CERTIFICATE,
  transient: false,
};
const wrongName: Cause = {
  code: "TlsNameMismatch",
  why: "its certificate is for another host name",
  remedy: "check the endpoint's name and the node's DNS",
  transient: false,
};
const tlsFailed: Cause = {
  code: "TlsFailed",
  why: "the TLS handshake failed",
  remedy: "check that the endpoint speaks TLS on that port (http:// is only for loopback)",
  transient: true,
};
const proxyRefused: Cause = {
  code: "ProxyRefused",
  why: "the proxy opens no tunnel",
  remedy: "let the proxy admit the host, or add it to NO_PROXY if the node needs no proxy for it",
  transient: false,
};
const proxyUnauthorized: Cause = {
  ...proxyRefused,
  why: "the proxy wants another user name and password",
  remedy: "correct user name and password in HTTPS_PROXY, with special characters in them as %XX",
};

/** Error codes of Bun's `fetch` (as OpenSSL, libuv and Bun name them), observed with Bun 1.4.5. */
const causes: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: refused,
  ConnectionRefused: refused,
  ENOTFOUND: hostNotFound,
  EAI_AGAIN: hostNotFound,
  ECONNRESET: reset,
  ConnectionClosed: reset,
  EPIPE: reset,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  CERT_HAS_EXPIRED: certificateExpired,
  CERT_NOT_YET_VALID: certificateExpired,
  ERR_TLS_CERT_ALTNAME_INVALID: wrongName,
  EPROTO: tlsFailed,
  ERR_PROXY_TUNNEL: proxyRefused,
};

/** A proxy that answers with 5xx has no way to the host at the moment. */
const proxyFailed: Cause = {
  ...proxyRefused,
  code: "ProxyFailed",
  why: "the proxy cannot reach it",
  remedy: "check the proxy, or add the host to NO_PROXY if the node reaches it without",
  transient: true,
};

/** What a proxy means by this status of its answer to CONNECT. */
function ofProxy(status: string): Cause {
  const cause = status === "407" ? proxyUnauthorized : status.startsWith("5") ? proxyFailed : proxyRefused;
  return { ...cause, why: `${cause.why}${status === "" ? "" : ` (HTTP ${status})`}` };
}

/** Codes that say that no connection came about: another endpoint of the same API may still be reached. */
const notConnected = new Set([
  "ConnectionRefused",
  "HostNotFound",
  "NetworkUnreachable",
  "ProxyFailed",
  "Timeout",
]);

/** Whether the failure says that the host could not be reached at all (a timeout counts: a black hole looks so). */
export function cannotConnect(failure: Failure): boolean {
  return notConnected.has(failure.code);
}

/** Whether an error of `fetch` says that the certificate is not signed by anyone who is trusted. */
export function isUnknownAuthority(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && causes[code] === unknownAuthority;
}

/** An error of `fetch` as a Failure; of its own text only the code is kept. */
export function networkFailure(error: unknown, way: Way): Failure {
  const { why, ...options } = causeOf(error as { code?: unknown; message?: unknown });
  const isProxys = way.proxy !== undefined && options.code === hostNotFound.code;
  return new Failure(
    `connect to ${hostsOf(way)}: ${isProxys ? "the proxy's name does not resolve" : why}`,
    options,
  );
}

/** These are about the proxy itself where there is one: it is the proxy that looks up the host and connects to it. */
const aboutTheProxy = new Set(["ConnectionRefused", "HostNotFound", "NetworkUnreachable", "Timeout"]);

/** A failure to connect, with the proxy's variable to correct, or `instead`, one more way out where there is no proxy. */
export function withWayOut(failure: Failure, { host, proxy }: Way, instead: string | undefined): Failure {
  if (!aboutTheProxy.has(failure.code)) return failure;
  if (proxy === undefined) return restate(failure, { orRemedy: instead });
  const { variable } = proxy;
  const exempt = host.replace(/:\d+$/, "");
  return restate(failure, {
    remedy: `correct ${variable} in the kubelet's environment (or the proxy itself), or add ${exempt} to NO_PROXY if the node needs no proxy for it`,
  });
}

function causeOf(error: { code?: unknown; message?: unknown }): Cause {
  const code = typeof error.code === "string" ? error.code : "unknown error";
  const cause = causes[code];
  if (cause === proxyRefused) return ofProxy(/tunnel: (\d{3})/.exec(String(error.message))?.[1] ?? "");
  return (
    cause ?? {
      code: "ConnectionFailed",
      why: code,
      remedy: "check the network between the node and that host",
      transient: true,
    }
  );
}
