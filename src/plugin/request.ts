import { Failure } from "../failure/failure.ts";

/** The kubelet sends well under 100 KiB; a larger one is not a request. */
export const MAX_REQUEST_BYTES = 1024 * 1024;

const GROUP = "credentialprovider.kubelet.k8s.io";
export const requestVersions = [`${GROUP}/v1`, `${GROUP}/v1beta1`, `${GROUP}/v1alpha1`] as const;
export type RequestVersion = (typeof requestVersions)[number];

/** A checked CredentialProviderRequest. */
export interface PluginRequest {
  readonly apiVersion: RequestVersion;
  /** As sent: host, path and, from callers other than the kubelet, tag and digest. */
  readonly image: string;
  /** Only v1 carries it, and only with `tokenAttributes` in the kubelet's config. A secret. */
  readonly serviceAccountToken?: string;
  readonly serviceAccountAnnotations: Readonly<Record<string, string>>;
}

/**
 * Reads a CredentialProviderRequest; unknown fields are ignored.
 * @throws Failure `RequestInvalid` (exit status 2) that names the field and what is allowed.
 */
export function parseRequest(bytes: Uint8Array): PluginRequest {
  if (bytes.byteLength > MAX_REQUEST_BYTES) {
    throw invalid(`it is larger than ${MAX_REQUEST_BYTES} bytes`);
  }
  const request = parseObject(bytes);
  if (request.kind !== "CredentialProviderRequest") {
    throw invalid(`kind is ${show(request.kind)}, not "CredentialProviderRequest"`);
  }
  const apiVersion = request.apiVersion as RequestVersion;
  if (!requestVersions.includes(apiVersion)) {
    throw invalid(`apiVersion is ${show(request.apiVersion)}, not one of ${requestVersions.join(", ")}`);
  }
  if (typeof request.image !== "string" || request.image === "") {
    throw invalid(`image is ${show(request.image)}, not the name of an image`);
  }
  const { image, serviceAccountToken: token } = request;
  if (token !== undefined && token !== null && typeof token !== "string") {
    throw invalid("serviceAccountToken is not a string");
  }
  const annotations = parseAnnotations(request.serviceAccountAnnotations);
  return {
    apiVersion,
    image,
    serviceAccountAnnotations: annotations,
    ...(token ? { serviceAccountToken: token } : {}),
  };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "") throw invalid("stdin is empty");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("it is not valid JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("it is not a JSON object");
  return value as Record<string, unknown>;
}

function parseAnnotations(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  const entries = typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : undefined;
  if (entries?.every(([, text]) => typeof text === "string")) return Object.fromEntries(entries);
  throw invalid("serviceAccountAnnotations is not an object of strings");
}

function show(value: unknown): string {
  return value === undefined ? "missing" : (JSON.stringify(value)?.slice(0, 80) ?? String(value));
}

function invalid(why: string): Failure {
  return new Failure(`unable to read the CredentialProviderRequest on stdin: ${why}`, {
    code: "RequestInvalid",
    exitStatus: 2,
    remedy: "send what the kubelet sends, or use the subcommand explain IMAGE to try an image by hand",
  });
}
