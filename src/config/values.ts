import { isLoopback, METADATA_HOST, parseHost } from "../host/hostName.ts";
import { quoted } from "../text/foreignText.ts";

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go duration such as `90s` or `1h30m`, or undefined when it is not one. */
export function parseDuration(text: string): number | undefined {
  if (!/^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ""] ?? 0);
  }
  return total;
}

/** Milliseconds as the shortest Go duration: 900000 is `15m`, 5400000 is `1h30m`. */
export function formatDuration(ms: number): string {
  let text = "";
  let rest = ms;
  for (const unit of ["h", "m", "s", "ms"] as const) {
    const size = unitMs[unit] ?? 1;
    const amount = unit === "ms" ? rest : Math.floor(rest / size);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * size;
  }
  return text === "" ? "0s" : text;
}

const sizeUnits = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** Bytes of a size such as `10MiB` (the schema checks its form). */
export function parseSize(text: string): number {
  const unit = text.slice(-3) as keyof typeof sizeUnits;
  return Number(text.slice(0, -3)) * sizeUnits[unit];
}

/** Bytes in the largest unit that divides them: 10485760 is `10MiB`. */
export function formatSize(bytes: number): string {
  for (const unit of ["GiB", "MiB"] as const) {
    if (bytes % sizeUnits[unit] === 0) return `${bytes / sizeUnits[unit]}${unit}`;
  }
  return `${bytes / sizeUnits.KiB}KiB`;
}

/** The items of a list, or of one comma-separated string; blank ones are dropped. */
export function splitList(value: string | readonly string[]): string[] {
  const items = typeof value === "string" ? value.split(",") : value;
  return items.map((item) => item.trim()).filter((item) => item !== "");
}

export type Parsed<Value> = { readonly value: Value } | { readonly problem: string };

/** A registry host `host[:port]` in lower case. The problem says what was written instead. */
export function parseDomain(text: string): Parsed<string> {
  const host = parseHost(text);
  if (host !== undefined) return { value: host };
  return { problem: `${quoted(text)} is not a registry host: ${whyNotADomain(text)}` };
}

function whyNotADomain(text: string): string {
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
  if (url === null) return { problem: "is not an endpoint: write host, host:port or https://host:port" };
  if (url.username !== "" || url.password !== "") {
    return { problem: "holds a user name or password: an endpoint has none, write host or host:port" };
  }
  if (url.search !== "" || url.hash !== "" || url.pathname !== "/") {
    return { problem: `${quoted(text)} has a path or query: write host, host:port or https://host:port` };
  }
  const plainHosts = service === "metadata" ? "loopback and metadata" : "loopback";
  const mayBePlain = isPlainHost(url.hostname, plainHosts);
  const scheme = given ?? (service === "metadata" && mayBePlain ? "http" : "https");
  if (scheme !== "https" && scheme !== "http") {
    return { problem: `${quoted(text)} is not an endpoint: its scheme must be https` };
  }
  if (scheme === "http" && !mayBePlain) return { problem: `${quoted(text)} ${inTheClear(plainHosts)}` };
  const afterScheme = given === undefined ? text : text.slice(given.length + 3);
  return { value: new URL(`${scheme}://${afterScheme}`).origin };
}

/**
 * The URL that a credentials URI is. Plain HTTP goes to this machine only, and to the metadata service's own address.
 * The problem does not quote the URI, because its query may be a key to the credentials.
 */
export function parseCredentialsUri(text: string): Parsed<URL> {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return { problem: "must be an http:// or https:// URL" };
  }
  if (url.username !== "" || url.password !== "") return { problem: "must not hold a user name or password" };
  const plainHosts = "loopback and metadata";
  const isPlain = url.protocol === "http:";
  return isPlain && !isPlainHost(url.hostname, plainHosts)
    ? { problem: inTheClear(plainHosts) }
    : { value: url };
}

/** To whom credentials may go over plain HTTP: this machine, and the metadata service, which has no TLS. */
type PlainHosts = "loopback" | "loopback and metadata";

function isPlainHost(hostname: string, allowed: PlainHosts): boolean {
  return isLoopback(hostname) || (allowed === "loopback and metadata" && hostname === METADATA_HOST);
}

function inTheClear(allowed: PlainHosts): string {
  const hosts = allowed === "loopback" ? "loopback" : `loopback and ${METADATA_HOST}`;
  return `would send credentials in the clear: http:// is for ${hosts} only, write https://`;
}
