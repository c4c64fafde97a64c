import { quoted } from "../../text/foreignText.ts";
import { isRepositoryPath } from "./imageRepository.ts";
import { parseSchemelessUrl, type SchemelessUrl } from "./schemelessUrl.ts";
import { labelMatches } from "./urlsMatch.ts";

/**
 * Why a pattern of `matchImages` can match no image, whatever the image is called. The kubelet starts with such a pattern
 * (unless it is none) and never runs the plugin for it. Images are named by the rules of
 * github.com/distribution/reference.
 * @returns one line for an operator, to follow the pattern; undefined where some image can match.
 */
export function neverMatches(pattern: string): string | undefined {
  const url = parseSchemelessUrl(pattern);
  const reason =
    "refused" in url
      ? url.refused
      : (schemeReason(pattern) ?? hostReason(url) ?? pathReason(url.path, pattern));
  return reason && `matches no image: ${reason}`;
}

function schemeReason(pattern: string): string | undefined {
  const scheme = /^[a-z]+:\/\//i.exec(pattern)?.[0];
  return scheme && `${scheme} is taken for the host; leave it out`;
}

function hostReason({ labels, port }: SchemelessUrl): string | undefined {
  const [first = ""] = labels;
  if (labels.length === 1 && first === "") return "it does not begin with a host";
  if (first.startsWith("[")) return "an IPv6 address can match only together with its port";
  // An address with its port has lost its brackets, and has colons.
  if (first.includes(":")) return undefined;
  const odd = labels.find((label) => !/^[a-zA-Z\d*](?:[a-zA-Z\d*-]*[a-zA-Z\d*])?$/.test(label));
  if (odd === "") return "the host has two dots in a row, or one at its beginning or end";
  if (odd !== undefined) return `no host of an image has a part ${quoted(odd)} between its dots`;
  const isHubs =
    labels.length === 1 && port === "" && /^[a-z\d-]+$/.test(first) && !labelMatches(first, "localhost");
  return isHubs
    ? `an image ${first} is one of Docker Hub, compared as docker.io/library/${first}`
    : undefined;
}

/** A path matches what begins with it, so that it may end within a name. */
function pathReason(path: string, pattern: string): string | undefined {
  if (path === "" || isRepositoryPath(`${path.slice(1)}a`)) return undefined;
  const [host] = pattern.split("/", 1);
  if (path.includes("*")) {
    return `after the host a * stands for nothing but itself; write ${host}, which matches all its repositories`;
  }
  if (/[:@]/.test(path)) return "tag and digest have no part in the comparison; leave them out";
  if (/[A-Z]/.test(path)) return "after the host there are no upper case letters in an image";
  return `no repository begins with ${quoted(path)}`;
}
