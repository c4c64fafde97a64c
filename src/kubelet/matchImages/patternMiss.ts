import { quoted } from "../../text/foreignText.ts";
import { neverMatches } from "./neverMatches.ts";
import { parseSchemelessUrl, type SchemelessUrl } from "./schemelessUrl.ts";
import { labelMatches } from "./urlsMatch.ts";

/** Why a pattern of `matchImages` does not match an image. */
export interface PatternMiss {
  /**
   * `never`: the pattern matches no image at all. Else what differs: how many `labels` the host has, one of them
   * (`host`), their `case`, the `port`, or the `path`.
   */
  readonly reason: "never" | "labels" | "host" | "case" | "port" | "path";
  /** One line for an operator, to follow the pattern: `is for port 443, …`. */
  readonly message: string;
  /** 0: the hosts match. The larger, the less alike they are. */
  readonly distance: number;
}

/**
 * Why the kubelet does not run a plugin with this pattern for an image.
 * @param repository as imageRepository() gives it.
 * @returns undefined where it does, which is where urlsMatch() is true.
 */
export function patternMiss(pattern: string, repository: string): PatternMiss | undefined {
  const [glob, image] = [parseSchemelessUrl(pattern), parseSchemelessUrl(repository)];
  if ("refused" in image)
    return { reason: "never", message: `cannot match: ${image.refused}`, distance: FAR };
  const miss =
    "refused" in glob
      ? NOT_A_PATTERN
      : (hostMiss(glob.labels, image.labels) ?? portMiss(glob, image) ?? pathMiss(glob, image));
  const never = miss && neverMatches(pattern);
  return miss && (never === undefined ? miss : { ...miss, reason: "never", message: never });
}

const FAR = 1000;
const NOT_A_PATTERN: PatternMiss = { reason: "never", message: "is not a pattern", distance: FAR };

function hostMiss(glob: readonly string[], image: readonly string[]): PatternMiss | undefined {
  const host = image.join(".");
  if (glob.length !== image.length) return labelsMiss(glob, image);
  const pairs = glob.map((label, index) => ({ label, other: image[index] ?? "" }));
  const wrong = pairs.filter(({ label, other }) => !labelMatches(label, other));
  const [first] = wrong;
  if (first === undefined) return undefined;
  if (wrong.every(({ label, other }) => labelMatches(label.toLowerCase(), other.toLowerCase()))) {
    const message = `differs from ${host} in upper and lower case, and that counts: write it as the image does`;
    return { reason: "case", message, distance: 1 };
  }
  const message = `has ${quoted(first.label)} where ${host} has ${quoted(first.other)}`;
  return { reason: "host", message, distance: 1 + wrong.length };
}

function labelsMiss(glob: readonly string[], image: readonly string[]): PatternMiss {
  const more = image.length - glob.length;
  const parts = glob.length === 1 ? "1 part" : `${glob.length} parts`;
  const message = `has ${parts} between its dots, and ${image.join(".")} has ${image.length}: a * stands for one of them or less`;
  const longer = [...Array(Math.max(more, 0)).fill("*"), ...glob];
  const fits =
    glob[0]?.includes("*") && longer.every((label, index) => labelMatches(label, image[index] ?? ""));
  return {
    reason: "labels",
    message: more > 0 && fits ? `${message}; write ${longer.join(".")}` : message,
    distance: 100 + Math.abs(more),
  };
}

function portMiss(glob: SchemelessUrl, image: SchemelessUrl): PatternMiss | undefined {
  if (glob.port === image.port) return undefined;
  const message =
    glob.port === ""
      ? `has no port, and the image is written with :${image.port}: write the pattern with it as well`
      : `is for port ${glob.port}, and the image is written ${image.port === "" ? "without a port" : `with :${image.port}`}`;
  return { reason: "port", message, distance: 0 };
}

function pathMiss(glob: SchemelessUrl, image: SchemelessUrl): PatternMiss | undefined {
  if (image.path.startsWith(glob.path)) return undefined;
  const message = `has the path ${quoted(glob.path)}, with which ${quoted(image.path)} does not begin`;
  return { reason: "path", message, distance: 0 };
}
