import { isIPv6 } from "node:net";

/** A pattern of `matchImages`, or an image, as the kubelet takes it apart. */
export interface SchemelessUrl {
  /** Of the host. */
  readonly labels: readonly string[];
  /** "" = none given. */
  readonly port: string;
  /** With its first slash, percent signs resolved, one character a byte; "" = none. */
  readonly path: string;
}

/** Why Go's net/url does not take a text for a URL: `what follows its colon is not a port number`. */
export interface RefusedUrl {
  readonly refused: string;
}

/**
 * Reads a text as the kubelet's ParseSchemelessURL and SplitURL (k8s.io/kubernetes/pkg/credentialprovider/keyring.go) do:
 * Go's url.Parse of `https://` and the text. User, query and fragment have no part in matching.
 * @param strictColons whether a second colon in the host is refused: since Go 1.26, with which 1.36 and later are built.
 */
export function parseSchemelessUrl(text: string, strictColons = true): SchemelessUrl | RefusedUrl {
  const [, authority = "", path = "", query = "", fragment = ""] =
    /^([^/?#]*)([^?#]*)([^#]*)(.*)$/s.exec(text) ?? [];
  // Go looks at bytes, so that control characters beyond ASCII pass; into the fragment it does not look.
  if (/[\p{Cc}--[\u0080-\u009f]]/v.test(authority + path + query)) {
    return { refused: "it holds a control character or a line break" };
  }
  const at = authority.lastIndexOf("@");
  const user = authority.slice(0, Math.max(at, 0));
  if (!/^[\w.~!$&'()*+,;=%@:-]*$/.test(user))
    return { refused: "what stands before its @ is not a user name" };
  if ([user, path, fragment].some((part) => /%(?![\da-fA-F]{2})/.test(part))) {
    return { refused: "a % in it is not followed by two hexadecimal digits" };
  }
  const host = parseHost(authority.slice(at + 1), strictColons);
  return "refused" in host ? host : { ...host, path: resolvePercent(path) };
}

type Host = Omit<SchemelessUrl, "path">;

function parseHost(text: string, strictColons: boolean): Host | RefusedUrl {
  const [, address, addressPort = ""] = /^\[(.*)\](.*)$/s.exec(text) ?? [];
  if (address !== undefined) return parseAddress(address, addressPort);
  if (text.includes("[")) return { refused: "it has a [ that does not enclose an IPv6 address" };
  const colon = strictColons ? text.indexOf(":") : text.lastIndexOf(":");
  const port = colon < 0 ? "" : text.slice(colon);
  if (!/^(:\d*)?$/.test(port)) return { refused: "what follows its colon is not a port number" };
  const odd = /\p{ASCII}/u.exec(
    text.replace(/%[89a-fA-F][\da-fA-F]|%25|[\w.~!$&'()*+,;=:[\]<>"-]/g, ""),
  )?.[0];
  if (odd !== undefined) return { refused: `no host has the character ${JSON.stringify(odd)}` };
  // To net.SplitHostPort a host with two colons is one without a port.
  if (text.indexOf(":") !== text.lastIndexOf(":")) return { labels: labelsOf(text), port: "" };
  return { labels: labelsOf(colon < 0 ? text : text.slice(0, colon)), port: port.slice(1) };
}

/** An IPv6 address keeps its brackets unless a port follows: net.SplitHostPort. */
function parseAddress(address: string, port: string): Host | RefusedUrl {
  if (!/^(:\d*)?$/.test(port)) return { refused: "what follows its ] is not a port number" };
  const plain = address.replace("%25", "%");
  if (!isIPv6(plain)) return { refused: "what stands in its brackets is not an IPv6 address" };
  return { labels: (port === "" ? `[${plain}]` : plain).split("."), port: port.slice(1) };
}

function labelsOf(host: string): readonly string[] {
  return Buffer.from(resolvePercent(host), "latin1").toString("utf8").split(".");
}

/** One character a byte: what the percent signs stand for need not be UTF-8. */
function resolvePercent(text: string): string {
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  return bytes.replace(/%([\da-fA-F]{2})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}
