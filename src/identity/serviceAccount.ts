import { Failure } from "../failure/failure.ts";
import { parseJsonObject } from "../text/json.ts";

/** STS takes tokens of up to 20,000 characters (AssumeRoleWithOIDC). */
const MAX_TOKEN_LENGTH = 20_000;

/** The annotation of RRSA's webhook that names the role of a service account. */
export const ROLE_NAME_ANNOTATION = "pod-identity.alibabacloud.com/role-name";

/** The service account of the pod whose image is pulled, by the kubelet's word. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
  /** The node that the pod runs on, by the cluster's name for it (in tokens since Kubernetes 1.30). */
  readonly nodeName?: string;
  /** `system:serviceaccount:NAMESPACE:NAME` */
  readonly subject: string;
  /** What the kubelet sent; absent where `explain` knows the name only. */
  readonly token?: ServiceAccountToken;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A service account's token and what it says of itself. */
export interface ServiceAccountToken {
  /** A JSON Web Token. A secret. */
  readonly raw: string;
  readonly issuer: string;
  readonly audience: readonly string[];
}

/**
 * Who a service account token is for. Its claims are read without checking the signature: it comes from the kubelet,
 * which got it from the API server, and where it serves as credentials STS verifies it.
 * @throws Failure `ServiceAccountTokenInvalid`, exit status 2; nothing of the token is quoted.
 */
export function parseServiceAccount(
  token: string,
  annotations: Readonly<Record<string, string>>,
): ServiceAccount {
  const claims = claimsOf(token);
  const { iss: issuer, sub: subject, aud, exp } = claims;
  const audience = typeof aud === "string" ? [aud] : aud;
  const [, namespace = "", name = ""] = /^system:serviceaccount:([^:]*):([^:]*)$/.exec(textOf(subject)) ?? [];
  if (!isName(namespace) || !isName(name)) throw invalid("its sub claim names no service account");
  if (typeof issuer !== "string" || issuer === "" || issuer.length > 255)
    throw invalid("it has no iss claim");
  if (!Array.isArray(audience) || !audience.every((one) => typeof one === "string"))
    throw invalid("it has no aud claim");
  if (typeof exp !== "number" || !Number.isFinite(exp)) throw invalid("it has no exp claim");
  return {
    namespace,
    name,
    ...nodeNameOf(claims["kubernetes.io"], namespace, name),
    subject: textOf(subject),
    token: { raw: token, issuer, audience },
    annotations,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function claimsOf(token: string): Record<string, unknown> {
  if (token.length > MAX_TOKEN_LENGTH) throw invalid(`it is longer than ${MAX_TOKEN_LENGTH} characters`);
  const parts = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token);
  const claims = parseJsonObject(Buffer.from(parts?.[1] ?? "", "base64url").toString("utf8"));
  if (claims === undefined) throw invalid("it is not a JSON Web Token");
  return claims;
}

/** The node in Kubernetes' own claim, which must agree with the subject. */
function nodeNameOf(claim: unknown, namespace: string, name: string): Pick<ServiceAccount, "nodeName"> {
  if (claim === undefined || claim === null) return {};
  const own = claim as {
    namespace?: unknown;
    serviceaccount?: { name?: unknown } | null;
    node?: { name?: unknown } | null;
  };
  if (own.namespace !== namespace || own.serviceaccount?.name !== name) {
    throw invalid("its kubernetes.io claim names another service account than its sub claim");
  }
  const nodeName = own.node?.name;
  return typeof nodeName === "string" && isName(nodeName) ? { nodeName } : {};
}

/** Kubernetes' names: a namespace is a DNS label, a service account a DNS subdomain. */
function isName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(text);
}

function invalid(why: string): Failure {
  return new Failure(`read the service account token: ${why}`, {
    code: "ServiceAccountTokenInvalid",
    remedy:
      "let the kubelet send the token (tokenAttributes in its CredentialProviderConfig), or make one with kubectl create token",
    exitStatus: 2,
  });
}
