import type { FilledIdentity } from "../effectiveConfig.ts";
import type { Findings, Path } from "../problem.ts";
import { parseCredentialsUri } from "../values.ts";

type Field = Exclude<keyof FilledIdentity, "source" | "assumeRoles">;

/** The fields that each source takes (contract, section 5). */
const fieldsOf: Readonly<Record<FilledIdentity["source"], readonly Field[]>> = {
  auto: [],
  accessKey: ["accessKeyId", "accessKeySecret", "securityToken", "directory"],
  ecsRamRole: ["roleName"],
  serviceAccountToken: ["roleArn", "oidcProviderArn", "fallback"],
  oidcTokenFile: ["path", "roleArn", "oidcProviderArn"],
  profile: ["name", "file"],
  credentialsUri: ["uri"],
};

const allFields = [...new Set(Object.values(fieldsOf).flat())];

export interface IdentityContext {
  /** Whether service accounts may name roles: the role then need not be in the config. */
  readonly annotations: boolean;
  /** Whether `access` refuses pods without a service account token. */
  readonly restricted: boolean;
}

/** Fields that do not belong to the source, or that it lacks. */
export function checkIdentity(
  identity: FilledIdentity,
  path: Path,
  context: IdentityContext,
  findings: Findings,
): void {
  const { source } = identity;
  for (const field of allFields) {
    if (identity[field] === undefined || fieldsOf[source].includes(field)) continue;
    findings.error([...path, field], `${doesNotFit(source)}; ${field} belongs to ${ownersOf(field)}`);
  }
  switch (source) {
    case "accessKey":
      checkAccessKey(identity, path, findings);
      break;
    case "serviceAccountToken":
      need(
        identity,
        context.annotations ? ["oidcProviderArn"] : ["roleArn", "oidcProviderArn"],
        path,
        findings,
      );
      checkFallback(identity, path, context, findings);
      break;
    case "oidcTokenFile":
      need(identity, ["path", "roleArn", "oidcProviderArn"], path, findings);
      break;
    case "credentialsUri":
      need(identity, ["uri"], path, findings);
      checkUri(identity.uri, [...path, "uri"], findings);
  }
}

function doesNotFit(source: FilledIdentity["source"]): string {
  return source === "auto"
    ? "has no effect with source auto (the default)"
    : `has no effect with source ${source}`;
}

function ownersOf(field: Field): string {
  const owners = Object.entries(fieldsOf).filter(([, fields]) => fields.includes(field));
  return owners.map(([source]) => `source: ${source}`).join(" and ");
}

function need(identity: FilledIdentity, fields: readonly Field[], path: Path, findings: Findings): void {
  const missing = fields.filter((field) => identity[field] === undefined);
  if (missing.length > 0) findings.error(path, `source ${identity.source} needs ${missing.join(" and ")}`);
}

function checkAccessKey(identity: FilledIdentity, path: Path, findings: Findings): void {
  const inline = (["accessKeyId", "accessKeySecret", "securityToken"] as const).filter(
    (field) => identity[field] !== undefined,
  );
  if (identity.directory === undefined) {
    if (identity.accessKeyId === undefined || identity.accessKeySecret === undefined) {
      findings.error(
        path,
        "source accessKey needs accessKeyId and accessKeySecret, or a directory that holds them",
      );
    }
  } else if (inline.length > 0) {
    findings.error([...path, "directory"], `write either directory or ${inline.join(" and ")}, not both`);
  }
}

function checkFallback(
  identity: FilledIdentity,
  path: Path,
  context: IdentityContext,
  findings: Findings,
): void {
  const { fallback } = identity;
  if (fallback === undefined) {
    if (!context.restricted) {
      findings.warn(
        path,
        "pods without a service account token (static pods) are refused; a fallback would serve them",
      );
    }
    return;
  }
  if (context.restricted) {
    findings.warn(
      [...path, "fallback"],
      "has no effect: access restricts who may pull, and so refuses pods without a service account token",
    );
  }
  if (fallback.source === "serviceAccountToken") {
    findings.error(
      [...path, "fallback", "source"],
      "is for pods without a service account token: name another source",
    );
    return;
  }
  checkIdentity(fallback, [...path, "fallback"], context, findings);
}

function checkUri(uri: string | undefined, path: Path, findings: Findings): void {
  const parsed = uri === undefined ? undefined : parseCredentialsUri(uri);
  if (parsed !== undefined && "problem" in parsed) findings.error(path, parsed.problem);
}
