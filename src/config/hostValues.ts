import { isLoopback, METADATA_HOST, parseHost } from "../host/hostName.ts";
import { quoted } from "../text/foreignText.ts";

export type Parsed<Value> = { readonly value: Value } | { readonly problem: string };

/** A registry host `host[:port]` in lower case. The problem says which other thing was written. */
export function parseDomain(text: string): Parsed<string> {
  const host = parseHost(text);
  if (host !== undefined) return { value: host };
  return { problem: `${quoted(text)} is not a registry host: ${whyNoDomain(text)}` };
}

function whyNoDomain(text: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return "leave out the scheme, write host or host:port";
  if (/["']/.test(text)) {
    return 'quotes inside a value: write one string, domains: "xxx.com,yyy.com", or a list, domains: [xxx.com, yyy.com]';
  }
  if (text.includes("@")) return "leave out the user, write host or host:port";
  if (text.includes("/")) return "leave out the path, write host or host:port";
  if (text.includes("*")) return "wildcards are not possible, name every host";
  if (text.endsWith(".")) return "leave out the dot at the end";
  if (/[^\x20-\x7e]/.test(text)) return "write an international name in its xn-- form";
  if (/:[^:\]]*$/.test(text)) return "a port is a number from 1 to 65535";
  return "write host or host:port";
}

/**
 * The URL (scheme, host, port; no slash at the end) of an API endpoint given as `host[:port]` or URL.
 * Without scheme it is HTTPS, for the metadata service HTTP. Plain HTTP goes to this machine only, and to
 * the metadata service's own address.
 */
export function parseEndpoint(text: string, service: "acr" | "sts" | "metadata"): Parsed<string> {
  const given = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  const url = URL.parse(given === undefined ? `https://${text}` : text);
  if (url === null) return { problem: "is no endpoint: write host, host:port or https://host:port" };
  if (url.username !== "" || url.password !== "") {
    return { problem: "holds a user name or password: an endpoint has none, write host or host:port" };
  }
  if (url.search !== "" || url.hash !== "" || url.pathname !== "/") {
    return { problem: `${quoted(text)} has a path or query: write host, host:port or https://host:port` };
  }
  const mayBePlain = isLoopback(url.hostname) || (service === "metadata" && url.hostname === METADATA_HOST);
  const scheme = given ?? (service === "metadata" && mayBePlain ? "http" : "https");
  if (scheme !== "https" && scheme !== "http") {
    return { problem: `${quoted(text)} is no endpoint: its scheme must be https` };
  }
  if (scheme === "http" && !mayBePlain) {
    const exception = service === "metadata" ? ` and ${METADATA_HOST}` : "";
    return {
      problem: `${quoted(text)} would send credentials in the clear: http:// is for loopback${exception} only, write https://`,
    };
  }
  const afterScheme = given === undefined ? text : text.slice(given.length + 3);
  return { value: new URL(`${scheme}://${afterScheme}`).origin };
}
