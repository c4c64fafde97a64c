import type { IdentityConfig, ProviderConfig } from "../config/config.ts";
import { Failure } from "../failure/failure.ts";
import { isRegion } from "../host/region.ts";
import { ROLE_NAME_ANNOTATION, type ServiceAccount } from "../identity/serviceAccount.ts";
import { matchesGlob } from "../text/glob.ts";

/** What a service account may ask for (contract, section 5; the first three are ECI's names for pods). */
export const annotationNames = {
  instanceIds: "k8s.aliyun.com/acr-instance-ids",
  serviceArns: "k8s.aliyun.com/acr-service-arns",
  userArns: "k8s.aliyun.com/acr-user-arns",
  roleName: ROLE_NAME_ANNOTATION,
} as const;

/** No one lists more than this for a pull. */
const MAX_ITEMS = 20;

/** An instance that a service account names; its domains decide whether the image's host is among them. */
export interface AskedInstance {
  readonly instanceId: string;
  readonly regionId?: string;
}

/** What a service account asks for, checked for form only. */
export interface Asked {
  /** `NAMESPACE/NAME`, for messages. */
  readonly by: string;
  readonly instances: readonly AskedInstance[];
  readonly serviceArns: readonly string[];
  readonly userArns: readonly string[];
  readonly roleName?: string;
}

/** The annotations of a service account (`NAMESPACE/NAME`). */
interface Sheet {
  readonly by: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const nothing: Asked = { by: "", instances: [], serviceArns: [], userArns: [] };

/**
 * What the service account's annotations ask for; nothing when `serviceAccountAnnotations` is off.
 * @throws Failure `AccessDeniedAnnotation` for a value that is malformed.
 */
export function askedByAnnotations(
  config: ProviderConfig,
  serviceAccount: ServiceAccount | undefined,
): Asked {
  if (!config.serviceAccountAnnotations.enabled || serviceAccount === undefined) return nothing;
  const { namespace, name } = serviceAccount;
  const sheet: Sheet = { by: `${namespace}/${name}`, annotations: serviceAccount.annotations };
  const roleName = sheet.annotations[annotationNames.roleName]?.trim();
  if (roleName && !/^[A-Za-z0-9._-]{1,64}$/.test(roleName))
    throw malformed(sheet, annotationNames.roleName, "a role's name such as acr-puller");
  return {
    by: sheet.by,
    instances: items(sheet, annotationNames.instanceIds).map((item) => parseInstance(sheet, item)),
    serviceArns: items(sheet, annotationNames.serviceArns).map((arn) =>
      parseArn(sheet, annotationNames.serviceArns, arn),
    ),
    userArns: items(sheet, annotationNames.userArns).map((arn) =>
      parseArn(sheet, annotationNames.userArns, arn),
    ),
    ...(roleName ? { roleName } : {}),
  };
}

/** Whether it is as if there were no annotations. */
export function asksNothing({ instances, serviceArns, userArns, roleName }: Asked): boolean {
  return instances.length + serviceArns.length + userArns.length === 0 && roleName === undefined;
}

/**
 * The identity to use for what was asked: an identity's roles with the asked ones first and last.
 * Where the identity is the service account's token, the first role asked for is the one assumed with it, and RAM's
 * trust policies decide about all of them. Roles asked of a node's identity must be allowed by the config.
 * @throws Failure `AccessDeniedRole`: otherwise whoever may write a service account could use any role that the
 * node can reach.
 */
export function identityWithAnnotations(
  config: ProviderConfig,
  identity: IdentityConfig,
  asked: Asked,
): IdentityConfig {
  if (identity.source === "serviceAccountToken") return tokenIdentity(identity, asked);
  const { allowedRoleArns } = config.serviceAccountAnnotations;
  for (const arn of [...asked.serviceArns, ...asked.userArns]) {
    if (!allowedRoleArns.some((glob) => matchesGlob(glob, arn))) throw notAllowed(asked.by, arn);
  }
  return withRoles(identity, asked.serviceArns, asked.userArns);
}

type PodIdentity = Extract<IdentityConfig, { source: "serviceAccountToken" }>;

function tokenIdentity(identity: PodIdentity, asked: Asked): IdentityConfig {
  const ownRole = asked.roleName === undefined ? [] : [ownRoleArn(identity, asked.roleName)];
  const [first, ...others] = [...ownRole, ...asked.serviceArns];
  if (first !== undefined) return withRoles({ ...identity, roleArn: first }, others, asked.userArns);
  // A role of the registry's account is reached through the configured one: it can have no trust in the token.
  if (identity.roleArn !== undefined) return withRoles(identity, [], asked.userArns);
  const [onlyUser, ...otherUsers] = asked.userArns;
  return onlyUser === undefined ? identity : withRoles({ ...identity, roleArn: onlyUser }, [], otherUsers);
}

/** A role's name means a role of the account whose OIDC provider knows the token. */
function ownRoleArn({ oidcProviderArn }: PodIdentity, roleName: string): string {
  const [, , , account] = oidcProviderArn.split(":");
  return `acs:ram::${account}:role/${roleName}`;
}

function withRoles(
  identity: IdentityConfig,
  before: readonly string[],
  after: readonly string[],
): IdentityConfig {
  if (before.length === 0 && after.length === 0) return identity;
  const roles = (arns: readonly string[]) => arns.map((roleArn) => ({ roleArn }));
  return { ...identity, assumeRoles: [...roles(before), ...identity.assumeRoles, ...roles(after)] };
}

function items(sheet: Sheet, name: string): string[] {
  const list = (sheet.annotations[name] ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
  if (list.length > MAX_ITEMS) throw malformed(sheet, name, `a list of at most ${MAX_ITEMS} items`);
  return list;
}

function parseInstance(sheet: Sheet, text: string): AskedInstance {
  const match = /^(?:([^:]*):)?(cri-[a-z0-9]{1,40})$/.exec(text);
  if (match?.[2] === undefined || (match[1] !== undefined && !isRegion(match[1])))
    throw malformed(sheet, annotationNames.instanceIds, "of the form [REGION:]cri-…, comma-separated");
  const [, regionId, instanceId] = match;
  return { instanceId, ...(regionId === undefined ? {} : { regionId }) };
}

function parseArn(sheet: Sheet, annotation: string, text: string): string {
  if (/^acs:ram::\d{1,20}:role\/[A-Za-z0-9._-]{1,64}$/.test(text)) return text;
  throw malformed(sheet, annotation, "of the form acs:ram::ACCOUNT:role/NAME, comma-separated");
}

function malformed({ by }: Sheet, annotation: string, form: string): Failure {
  return new Failure(`read the annotation ${annotation} of service account ${by}: it is not ${form}`, {
    code: "AccessDeniedAnnotation",
    refused: true,
    remedy: "correct or remove the annotation of the service account",
  });
}

function notAllowed(by: string, arn: string): Failure {
  return new Failure(
    `the service account ${by} asks for role ${arn}, which the node's identity may not assume for it`,
    {
      code: "AccessDeniedRole",
      refused: true,
      remedy: "add the role to serviceAccountAnnotations.allowedRoleArns if it may, or remove the annotation",
    },
  );
}
