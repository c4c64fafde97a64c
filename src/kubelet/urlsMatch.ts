import { matchesGlob } from "../text/glob.ts";

interface Target {
  readonly labels: readonly string[];
  /** "" = none given. */
  readonly port: string;
  readonly path: string;
}

/**
 * Whether the kubelet runs a plugin with this pattern in `matchImages` for an image (repository name without tag), or
 * takes a key of `auth` for it: the rule `URLsMatch` of k8s.io/kubernetes/pkg/credentialprovider/keyring.go.
 * Both are read as URLs without scheme. Ports must be the same or missing on both sides; as many labels, each matched
 * by itself with `*`, in the case it is written in; the pattern's path must begin the image's path, letter by letter.
 * A pattern or image that Go's net/url refuses matches nothing.
 */
export function urlsMatch(pattern: string, image: string): boolean {
  const [glob, target] = [parse(pattern), parse(image)];
  if (glob === undefined || target === undefined || glob.port !== target.port) return false;
  if (glob.labels.length !== target.labels.length || !target.path.startsWith(glob.path)) return false;
  return glob.labels.every((label, index) => labelMatches(label, target.labels[index] ?? ""));
}

/** What url.Parse takes for `user[:password]`, host and port; it takes no brackets but those of an IPv6 address. */
const authorityForm =
  /^(?:[\w.~!$&'()*+,;=%@:-]*@)?(\[[0-9a-fA-F:.]*\]|[\w.~!$&'()*+,;=<>"\u0080-\u{10ffff}-]*)(?::([0-9]*))?$/u;

/** As Go's url.Parse reads `https://` and the text: a `?` begins a query, which has no part in matching. */
function parse(text: string): Target | undefined {
  if (/\p{Cc}/u.test(text)) return undefined;
  const [, authority = "", path = "", fragment = ""] = /^([^/?#]*)([^?#]*)[^#]*(.*)$/s.exec(text) ?? [];
  const [, host, port = ""] = authorityForm.exec(authority) ?? [];
  const plain = decoded(path);
  if (host === undefined || plain === undefined || decoded(`${authority}${fragment}`) === undefined)
    return undefined;
  // The brackets go with a port only: net.SplitHostPort.
  const bare = port === "" ? host : host.replace(/^\[(.*)\]$/, "$1");
  return { labels: bare.split("."), port, path: plain };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `*` for any letters within a label; of filepath.Match's other signs a URL's host holds only an address's brackets. */
function labelMatches(glob: string, label: string): boolean {
  return !glob.includes("[") && matchesGlob(glob, label);
}
