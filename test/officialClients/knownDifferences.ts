import type { How } from "./requestFields.ts";

/** Fields in which a request of the plugin is not what other clients send, and why that is so. */
interface Difference {
  readonly fields: readonly string[];
  readonly how: How;
  /** `CLIENT OPERATION`; `*` is any operation of the client. */
  readonly between: readonly string[];
  readonly why: string;
}

const crSdks = ["cr-20181201 *", "cr-20160607 *"];
const crClients = [...crSdks, "@alicloud/openapi-core *"];
const helperForAcr = ["GetAuthorizationToken", "ListInstance", "GetTokens(2016)"].map(
  (operation) => `docker-credential-acr-helper ${operation}`,
);
const v3AssumeRole = ["darabonba-openapi AssumeRole", "@alicloud/sts20150401 AssumeRole"];
const ofCredentials = ["credentials-go AssumeRole", "@alicloud/credentials AssumeRole"];
const oidcOfSdks = ["sts-20150401 AssumeRoleWithOIDC", "@alicloud/sts20150401 AssumeRoleWithOIDC"];
const oidcOfHelper = "docker-credential-acr-helper AssumeRoleWithOIDC";
const oidcOfCredentials = ["credentials-go AssumeRoleWithOIDC", "@alicloud/credentials AssumeRoleWithOIDC"];
const roleParameters = ["DurationSeconds", "RoleArn", "RoleSessionName"];
const assumeRoleParameters = [...roleParameters, "ExternalId", "Policy"];
const oidcParameters = [...roleParameters, "OIDCProviderArn", "OIDCToken"];
const inQuery = (names: readonly string[]) => names.map((name) => `query.${name}`);
const inForm = (names: readonly string[]) => names.map((name) => `form.${name}`);

const OLD_SIGNATURE =
  "They sign by the old RPC form (HMAC-SHA1) with everything in the query; this program by V3, as @alicloud/sts20150401 and the SDKs' generic client do.";
const OLD_FORM =
  "They keep the parameters of the old RPC form in the body; a V3 call of an official client has them in the query.";
const NOT_IN_A_URL =
  "A token is a secret, and a URL may end up in the log of a proxy: as in credentials-go, the parameters are in the body.";
const SMALL_ANSWERS = "Answers are a few KiB, and their size is bounded before anything is unpacked.";

/** All of them. A difference that is not here, or is here and does not exist, fails the tests. */
const differences: readonly Difference[] = [
  {
    fields: ["header.user-agent"],
    how: "differs",
    between: [
      ...crClients,
      "docker-credential-acr-helper *",
      "sts-20150401 *",
      "darabonba-openapi *",
      "@alicloud/sts20150401 *",
      "credentials-go *",
    ],
    why: "It names this program and its version, in the form of the SDKs.",
  },
  {
    fields: ["header.user-agent"],
    how: "only ours",
    between: ["@alicloud/credentials *"],
    why: "That package names itself nowhere.",
  },
  {
    fields: ["header.accept-encoding"],
    how: "differs",
    between: [...crSdks, ...helperForAcr, "sts-20150401 *", "darabonba-openapi *"],
    why: SMALL_ANSWERS,
  },
  {
    fields: ["header.accept-encoding"],
    how: "only ours",
    between: ["@alicloud/openapi-core *", "@alicloud/sts20150401 *", "@alicloud/credentials *"],
    why: SMALL_ANSWERS,
  },
  {
    fields: ["header.accept"],
    how: "only ours",
    between: ["sts-20150401 *", ...ofCredentials, oidcOfHelper, ...oidcOfCredentials, ...oidcOfSdks.slice(1)],
    why: "These calls of theirs leave it out; the SDKs' V3 calls have it.",
  },
  {
    fields: ["header.x-acs-credentials-provider"],
    how: "only theirs",
    between: [...crClients, ...v3AssumeRole, "sts-20150401 AssumeRole", ...ofCredentials],
    why: "It says which of its own sources an SDK has the key from, and the documentation of V3 does not know it.",
  },
  {
    fields: inQuery(["InstanceName"]),
    how: "only theirs",
    between: ["docker-credential-acr-helper ListInstance"],
    why: "The filter by name is deprecated; all pages are read, and the names compared here.",
  },
  {
    fields: inQuery(["PageNo", "PageSize"]),
    how: "only ours",
    between: ["docker-credential-acr-helper ListInstance"],
    why: "The helper reads the first page only.",
  },
  {
    fields: [
      ...["AccessKeyId", "Action", "Format", "Signature", "SignatureMethod"],
      ...["SignatureNonce", "SignatureVersion", "Timestamp", "Version"],
    ].map((name) => `query.${name}`),
    how: "only theirs",
    between: ["sts-20150401 AssumeRole", ...ofCredentials],
    why: OLD_SIGNATURE,
  },
  {
    fields: ["header.x-acs-content-sha256", "header.x-acs-date", "header.x-acs-signature-nonce"],
    how: "only ours",
    between: ["sts-20150401 AssumeRole", ...ofCredentials],
    why: OLD_SIGNATURE,
  },
  {
    fields: ["header.x-acs-action", "header.x-acs-version"],
    how: "differs",
    between: ["sts-20150401 AssumeRole"],
    why: "Theirs are not signed.",
  },
  {
    fields: ["header.x-acs-action", "header.x-acs-version"],
    how: "only ours",
    between: ofCredentials,
    why: OLD_SIGNATURE,
  },
  {
    fields: ["authorization"],
    how: "differs",
    between: ["sts-20150401 AssumeRole", ...ofCredentials],
    why: OLD_SIGNATURE,
  },
  { fields: inForm(assumeRoleParameters), how: "only theirs", between: ofCredentials, why: OLD_FORM },
  { fields: inQuery(assumeRoleParameters), how: "only ours", between: ofCredentials, why: OLD_FORM },
  { fields: ["header.content-type"], how: "only theirs", between: ofCredentials, why: OLD_FORM },
  { fields: ["header.content-length"], how: "differs", between: ofCredentials, why: OLD_FORM },
  { fields: inQuery(oidcParameters), how: "only theirs", between: oidcOfSdks, why: NOT_IN_A_URL },
  { fields: inForm(oidcParameters), how: "only ours", between: oidcOfSdks, why: NOT_IN_A_URL },
  { fields: ["header.content-type"], how: "only ours", between: oidcOfSdks, why: NOT_IN_A_URL },
  { fields: ["header.content-length"], how: "differs", between: oidcOfSdks, why: NOT_IN_A_URL },
  {
    fields: ["header.x-acs-action", "header.x-acs-version"],
    how: "only theirs",
    between: oidcOfSdks,
    why: "They are in the query as well; credentials-go and ack-ram-tool have them there only.",
  },
  {
    fields: ["query.Format"],
    how: "differs",
    between: oidcOfSdks,
    why: "`json` of the SDKs, `JSON` of credentials-go and of the documentation: both are in use.",
  },
  {
    fields: ["query.SignatureNonce"],
    how: "only ours",
    between: oidcOfCredentials,
    why: "An unsigned call needs none. The SDKs and ack-ram-tool send one, and the documentation of RPC asks for it.",
  },
  {
    fields: inQuery(["OIDCProviderArn", "RoleArn", "RoleSessionName"]),
    how: "only theirs",
    between: [oidcOfHelper],
    why: "ack-ram-tool has only the token in the body, credentials-go all of them.",
  },
  {
    fields: inForm(["DurationSeconds", "OIDCProviderArn", "RoleArn", "RoleSessionName"]),
    how: "only ours",
    between: [oidcOfHelper],
    why: "ack-ram-tool has only the token in the body, credentials-go all of them; an hour is STS's default.",
  },
];

/** The differences that are known between the plugin's request for the operation and the client's. */
export function knownDifferences(client: string, operation: string): Record<string, How> {
  const known: Record<string, How> = {};
  for (const { fields, how, between } of differences) {
    if (!between.includes(`${client} *`) && !between.includes(`${client} ${operation}`)) continue;
    for (const field of fields) {
      if (known[field] !== undefined) throw new Error(`${field} is listed twice for ${client} ${operation}`);
      known[field] = how;
    }
  }
  return known;
}

/** The clients and their operations that the list names, as it names them. */
export const namedPairs: readonly string[] = [...new Set(differences.flatMap(({ between }) => between))];
