/** The host and port (never empty) that a request goes to. */
export interface Target {
  /** As in a URL: lower case, an IPv6 address in brackets. */
  readonly hostname: string;
  readonly port: string;
}

/**
 * The entry of a NO_PROXY that exempts the target, or undefined, by the rules of Go's `golang.org/x/net/http/httpproxy`.
 * Entries are separated by commas: `*`, an address, a CIDR, `domain` (and below it), `.domain` or `*.domain` (only below
 * it); all but `*` and a CIDR with or without port.
 */
export function exemptingEntry(noProxy: string, target: Target): string | undefined {
  const address = parseAddress(target.hostname.replace(/^\[(.*)\]$/, "$1"));
  return noProxy
    .toLowerCase()
    .split(",")
    .map((entry) => entry.trim())
    .find((entry) => entry !== "" && exempts(entry, target, address));
}

/** Whether an address or name is this machine itself: 127/8, ::1 and `localhost`, which are never proxied. */
export function isThisMachine(hostname: string): boolean {
  const address = parseAddress(hostname.replace(/^\[(.*)\]$/, "$1"));
  if (address === undefined) return hostname === "localhost" || hostname === "localhost.";
  return address === 1n || address >> 24n === 0xffff7fn;
}

function exempts(entry: string, target: Target, address: bigint | undefined): boolean {
  if (entry === "*") return true;
  const subnet = parseSubnet(entry);
  if (subnet !== undefined) return address !== undefined && isWithin(address, subnet);
  const { host, port } = splitPort(entry);
  if (host === "" || (port !== "" && port !== target.port)) return false;
  const own = parseAddress(host);
  if (own !== undefined || address !== undefined) return own === address;
  const below = host.startsWith("*.") ? host.slice(1) : host;
  const domain = inAscii(below.replace(/^\./, ""));
  const isItself = !below.startsWith(".") && target.hostname === domain;
  return isItself || target.hostname.endsWith(`.${domain}`);
}

/** `host:port`, `[v6]:port`, `host` or `v6`; a colon at the end stands for every port. */
function splitPort(entry: string): { host: string; port: string } {
  const [, v6, name, port = ""] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(entry) ?? [];
  return { host: v6 ?? name ?? entry, port };
}

interface Subnet {
  readonly base: bigint;
  /** Bits of 128 that count. */
  readonly length: number;
}

/** An IPv4 network is one of those in ::ffff:0:0/96. */
function parseSubnet(entry: string): Subnet | undefined {
  const [, text = "", bits = ""] = /^([^/]+)\/([0-9]{1,4})$/.exec(entry) ?? [];
  const base = parseAddress(text);
  const most = text.includes(":") ? 128 : 32;
  if (base === undefined || Number(bits) > most) return undefined;
  return { base, length: Number(bits) + 128 - most };
}

/** No IPv4 address is in an IPv6 network. */
function isWithin(address: bigint, { base, length }: Subnet): boolean {
  if (isIpv4(address) && length < 96) return false;
  const shift = BigInt(128 - length);
  return address >> shift === base >> shift;
}

function isIpv4(address: bigint): boolean {
  return address >> 32n === 0xffffn;
}

/** 128 bits; an IPv4 address is ::ffff:a.b.c.d. Undefined for what is not an address. */
function parseAddress(text: string): bigint | undefined {
  if (/^[0-9.]+$/.test(text)) {
    const parts = text.split(".");
    const isAddress = parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part));
    if (!isAddress || parts.some((part) => Number(part) > 255)) return undefined;
    return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0xffffn);
  }
  if (!text.includes(":")) return undefined;
  const canonical = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1);
  if (canonical === undefined) return undefined;
  const [before = [], after = []] = canonical.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** An international name as a URL has it. */
function inAscii(domain: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\x00-\x7f]*$/.test(domain) ? domain : (URL.parse(`http://${domain}/`)?.hostname ?? domain);
}
