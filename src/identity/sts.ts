import type { AssumeRoleConfig } from "../config/config.ts";
import { Failure } from "../failure/failure.ts";
import { callOpenApi } from "../openapi/call.ts";
import type { Run } from "../run/run.ts";
import type { Identity, IdentityContext, RamCredentials, WebIdentity } from "./identity.ts";
import { withCredentials } from "./identity.ts";
import { sessionName } from "./sessionName.ts";
import { explainStsFailure, type StsQuestion } from "./stsErrors.ts";
import { type TemporaryCredentials, temporaryCredentials } from "./temporaryCredentials.ts";

/** STS's own default, and the least MaxSessionDuration that a role can have. */
const DEFAULT_DURATION_SECONDS = 3600;

/**
 * A session of `role`, asked for by the identity before it. Parameters:
 * https://api.alibabacloud.com/api/Sts/2015-04-01/AssumeRole
 * @throws Failure that names role and caller and says what to change in RAM.
 */
export async function assumeRole(
  run: Run,
  before: Identity,
  role: AssumeRoleConfig,
  context: IdentityContext,
): Promise<TemporaryCredentials> {
  const query = {
    RoleArn: role.roleArn,
    RoleSessionName: sessionName(run, role.sessionName, context),
    DurationSeconds: String(role.durationSeconds ?? DEFAULT_DURATION_SECONDS),
    ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    ...(role.policy === undefined ? {} : { Policy: role.policy }),
  };
  return withCredentials(run, before, (credentials) =>
    ask(run, context, { ...role, caller: before.name }, "AssumeRole", { query, credentials }),
  );
}

/**
 * A session of a role, asked for with an OIDC token, which travels in the body only. Parameters:
 * https://www.alibabacloud.com/help/doc-detail/327161.htm
 * @throws Failure that names role, provider and token holder and says what to change.
 */
export async function assumeRoleWithOidc(
  run: Run,
  web: WebIdentity,
  context: IdentityContext,
): Promise<TemporaryCredentials> {
  const { roleArn, oidcProviderArn } = web;
  const form = {
    RoleArn: roleArn,
    OIDCProviderArn: oidcProviderArn,
    OIDCToken: web.token(),
    RoleSessionName: sessionName(run, web.sessionName, context),
    DurationSeconds: String(web.durationSeconds ?? DEFAULT_DURATION_SECONDS),
    ...(web.policy === undefined ? {} : { Policy: web.policy }),
  };
  const question: StsQuestion = {
    roleArn,
    oidcProviderArn,
    caller: `${web.source} ${web.holder[0]}`,
    serviceAccount: context.serviceAccount,
  };
  return ask(run, context, question, "AssumeRoleWithOIDC", { form });
}

/** Signed parameters travel in the query, a token in the body. */
type Parameters =
  | { readonly query: Readonly<Record<string, string>>; readonly credentials: RamCredentials }
  | { readonly form: Readonly<Record<string, string>> };

async function ask(
  run: Run,
  context: IdentityContext,
  question: StsQuestion,
  action: string,
  parameters: Parameters,
): Promise<TemporaryCredentials> {
  try {
    const answer = await callOpenApi(run, {
      product: "sts",
      action,
      version: "2015-04-01",
      method: "POST",
      path: "/",
      regionId: context.regionId,
      network: context.network,
      ...parameters,
    });
    const session = (answer.Credentials ?? {}) as Record<string, unknown>;
    return temporaryCredentials(run, session, `the answer of ${action}`);
  } catch (error) {
    throw error instanceof Failure ? explainStsFailure(run, error, question) : error;
  }
}
