import { Failure } from "../failure/failure.ts";
import type { Environment } from "../run/run.ts";
import { quoted } from "../text/foreignText.ts";
import { exemptingEntry, isThisMachine } from "./noProxy.ts";

/** The proxy for a request, and what decided it. */
export interface ProxyChoice {
  /** User name and password included; absent: a direct connection. */
  readonly proxy?: URL;
  /** For people, without secrets: `HTTPS_PROXY`, or why there is none. */
  readonly reason: string;
}

/**
 * The proxy for a request, by the rules of Go's `golang.org/x/net/http/httpproxy`, which the kubelet itself follows:
 * HTTPS_PROXY or HTTP_PROXY by the request's scheme, NO_PROXY, either case (upper first); this machine is never proxied.
 * Two things differ: a value that Go would pass over in silence is a mistake here, and so is a SOCKS proxy; and
 * REQUEST_METHOD has no meaning, because no one asks a kubelet's plugin by CGI.
 * @throws Failure `ProxyInvalid`
 */
export function proxyChoice(env: Environment, url: URL): ProxyChoice {
  const variable = variableIn(env, url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (variable.value === undefined) return { reason: `${variable.name} is not set` };
  if (isThisMachine(url.hostname)) return { reason: "this machine is never proxied" };
  const noProxy = variableIn(env, "NO_PROXY");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const entry = exemptingEntry(noProxy.value ?? "", { hostname: url.hostname, port });
  if (entry !== undefined) return { reason: `${noProxy.name} has ${quoted(entry)}` };
  return { proxy: parseProxy(variable.name, variable.value, url.hostname), reason: variable.name };
}

/** What is set; empty counts as not set. */
function variableIn(env: Environment, name: string): { name: string; value?: string } {
  const set = [name, name.toLowerCase()].find((one) => env[one]);
  const value = set && env[set];
  return set === undefined || !value ? { name } : { name: set, value };
}

/** `http://HOST:PORT`, `https://…`, or without scheme, which means http://. */
function parseProxy(variable: string, value: string, host: string): URL {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme?.startsWith("socks")) throw socksFailure(variable, scheme, host);
  const url = URL.parse(scheme === undefined ? `http://${value}` : value);
  if (url === null || url.hostname === "" || !["http:", "https:"].includes(url.protocol)) {
    throw new Failure(`use the proxy of ${variable}: it is not an http:// or https:// URL`, {
      code: "ProxyInvalid",
      remedy: `set ${variable} to http://HOST:PORT in the kubelet's environment`,
    });
  }
  return url;
}

function socksFailure(variable: string, scheme: string, host: string): Failure {
  return new Failure(`use the proxy of ${variable}: ${scheme}:// proxies are not supported`, {
    code: "ProxyInvalid",
    remedy:
      `name an HTTP proxy (http://HOST:PORT) in ${variable}, for this plugin alone under env of its provider in the ` +
      `kubelet's CredentialProviderConfig, or add ${host} to NO_PROXY if the node reaches it without a proxy`,
  });
}
