import { matchesGlob } from "../../text/glob.ts";
import { parseSchemelessUrl } from "./schemelessUrl.ts";

/**
 * Whether the kubelet runs a plugin with this pattern in `matchImages` for an image (repository name without tag), or
 * takes a key of `auth` for it: the rule `URLsMatch` of k8s.io/kubernetes/pkg/credentialprovider/keyring.go.
 * Both are read as URLs without scheme. Ports must be the same or missing on both sides; as many labels, each matched
 * by itself with `*`, in the case it is written in; the pattern's path must begin the image's path, letter by letter.
 * A pattern or image that Go's net/url refuses matches nothing.
 */
export function urlsMatch(pattern: string, image: string): boolean {
  const [glob, target] = [parseSchemelessUrl(pattern), parseSchemelessUrl(image)];
  if ("refused" in glob || "refused" in target || glob.port !== target.port) return false;
  if (glob.labels.length !== target.labels.length || !target.path.startsWith(glob.path)) return false;
  return glob.labels.every((label, index) => labelMatches(label, target.labels[index] ?? ""));
}

/** `*` for any letters within a label; of filepath.Match's other signs a URL's host holds only an address's brackets. */
export function labelMatches(glob: string, label: string): boolean {
  return !glob.includes("[") && matchesGlob(glob, label);
}
