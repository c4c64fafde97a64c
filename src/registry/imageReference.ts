import { Failure } from "../failure/failure.ts";
import { parseAcrHost } from "../host/acrHost.ts";
import { isPrintable } from "../text/foreignText.ts";

/** Longer than any reference that a runtime accepts (a name has at most 255 characters, and a tag and digest). */
const MAX_LENGTH = 4096;

/**
 * The registry host `host[:port]` of an image `host[:port]/path[:tag][@digest]`, spelled as it was sent. The first
 * part is a host if it looks like one (a dot, a colon, upper case, or `localhost`), else the image is Docker Hub's:
 * the rule of github.com/distribution/reference, which the kubelet applies before it asks. One of ACR's hosts alone is
 * refused: by that rule it would be an image of Docker Hub, which no one means.
 * @throws Failure `RequestInvalid` (exit status 2) for what is not an image reference.
 */
export function imageHost(image: string): string {
  if (image === "") throw invalid("it is empty");
  if (image.length > MAX_LENGTH) throw invalid(`it is longer than ${MAX_LENGTH} characters`);
  if (!isPrintable(image) && /[\s\p{Cc}\p{Cf}]/u.test(image))
    throw invalid("it holds white space or control characters");
  if (image.includes("://") && /^[^/]*:\/\//.test(image)) throw invalid("it has a scheme: write host/path");
  const slash = image.indexOf("/");
  if (slash < 0) refuseOnlyHost(image.replace(/@.*$/, "").replace(/:[\w.-]+$/, ""));
  const host = slash < 0 ? "" : image.slice(0, slash);
  if (slash >= 0 && (host === "" || isOnlySlashes(image.slice(slash)))) {
    throw invalid("write host/path");
  }
  return slash >= 0 && looksLikeHost(host) ? host : "docker.io";
}

function looksLikeHost(first: string): boolean {
  return first.includes(".") || first.includes(":") || first === "localhost" || first !== first.toLowerCase();
}

function isOnlySlashes(text: string): boolean {
  return text.endsWith("/") && /^\/+$/.test(text);
}

function refuseOnlyHost(name: string): void {
  if (parseAcrHost(name) === undefined) return;
  throw invalid(
    `${name} is the host of a registry, without a repository`,
    `name the whole image, such as ${name}/namespace/name:tag`,
  );
}

function invalid(
  cause: string,
  remedy = "send an image such as registry.cn-hangzhou.aliyuncs.com/namespace/name:tag",
): Failure {
  return new Failure(`read the image reference: ${cause}`, {
    code: "RequestInvalid",
    exitStatus: 2,
    remedy,
  });
}
