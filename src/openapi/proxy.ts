import { Failure } from "../failure/failure.ts";
import { isLoopback } from "../host/hostName.ts";
import type { Environment } from "../run/run.ts";

/**
 * The proxy for a request, by the rules of Go's `golang.org/x/net/http/httpproxy`, which the kubelet itself follows:
 * HTTPS_PROXY or HTTP_PROXY by the request's scheme, NO_PROXY, either case (upper first); loopback is never proxied.
 * @returns the proxy's URL, user name and password included, or undefined for a direct connection.
 * @throws Failure `ProxyInvalid`
 */
export async function proxyFor(env: Environment, url: URL): Promise<URL | undefined> {
  const variable = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = either(env, variable);
  if (value === undefined || isLoopback(url.hostname)) return undefined;
  if (await isExempt(either(env, "NO_PROXY") ?? "", url)) return undefined;
  return parseProxy(variable, value);
}

function either(env: Environment, variable: string): string | undefined {
  return env[variable] || env[variable.toLowerCase()] || undefined;
}

function parseProxy(variable: string, value: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === "" || !["http:", "https:"].includes(url.protocol)) {
    throw new Failure(`use the proxy of ${variable}: it is not an http:// or https:// URL`, {
      code: "ProxyInvalid",
      remedy: `set ${variable} to http://HOST:PORT in the kubelet's environment`,
    });
  }
  return url;
}

/** One entry: `*`, an address, a CIDR, `domain` (and below it), `.domain` or `*.domain` (only below it); with or without port. */
async function isExempt(noProxy: string, url: URL): Promise<boolean> {
  const host = url.hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const isAddress = url.hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host);
  for (const word of noProxy.toLowerCase().split(/[\s,]+/)) {
    if (word === "") continue;
    if (word === "*") return true;
    if (word.includes("/")) {
      if (isAddress && (await isInSubnet(host, word))) return true;
      continue;
    }
    const entry = splitPort(word);
    if (entry.port !== undefined && entry.port !== port) continue;
    if (isAddress ? entry.host === host : matchesDomain(host, entry.host)) return true;
  }
  return false;
}

function matchesDomain(host: string, entry: string): boolean {
  const below = entry.startsWith("*.") ? entry.slice(1) : entry;
  if (below.startsWith(".")) return host.endsWith(below) && host !== below;
  return host === below || host.endsWith(`.${below}`);
}

/** `host:port`, `[v6]:port`, `v6` or `host`. */
function splitPort(entry: string): { host: string; port?: string } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return { host: entry };
  return match?.[3] === undefined ? { host } : { host, port: match[3] };
}

/** `node:net` costs 3 ms: loaded only for an address as host and a CIDR as exception. */
async function isInSubnet(address: string, cidr: string): Promise<boolean> {
  const { BlockList, isIP } = await import("node:net");
  const [base = "", bits = ""] = cidr.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  const length = Number(bits);
  if (isIP(base) !== isIP(address) || !/^\d+$/.test(bits) || length > (family === "ipv6" ? 128 : 32))
    return false;
  const subnet = new BlockList();
  subnet.addSubnet(base, length, family);
  return subnet.check(address, family);
}
