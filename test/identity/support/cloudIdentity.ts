import type { IdentityConfig, IdentitySource } from "../../../src/config/config.ts";
import type { Identity, IdentityContext, RamCredentials } from "../../../src/identity/identity.ts";
import { resolveIdentity } from "../../../src/identity/resolveIdentity.ts";
import { parseServiceAccount, type ServiceAccount } from "../../../src/identity/serviceAccount.ts";
import { callOpenApi } from "../../../src/openapi/call.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import type { ServiceAccountTokenOptions } from "../../cloud/sts/oidcIssuer.ts";
import { type TestRun, testRun } from "../../support/testRun.ts";

export const context: IdentityContext = { regionId: "cn-hangzhou", network: "auto" };

/** A run whose API, STS and metadata service are the simulated cloud's. */
export function cloudRun(cloud: Cloud, wanted: Parameters<typeof testRun>[0] = {}): TestRun {
  const { acr, sts, metadata } = cloud.endpoints;
  return testRun({
    ...wanted,
    config: { endpoints: { acr, sts, metadata }, tls: { caFile: cloud.caFile }, ...wanted.config },
  });
}

/** Resolves the identity of a config; `assumeRoles` may be left out. */
export function identityOf(
  run: TestRun,
  config: IdentitySource & Partial<Pick<IdentityConfig, "assumeRoles">>,
  serviceAccount?: ServiceAccount,
): Promise<Identity> {
  const full: IdentityConfig = { assumeRoles: [], ...config };
  return resolveIdentity(run, full, serviceAccount === undefined ? context : { ...context, serviceAccount });
}

/** The credentials of the identity that a config means. */
export async function credentialsOf(...wanted: Parameters<typeof identityOf>): Promise<RamCredentials> {
  return (await identityOf(...wanted)).credentials(wanted[0]);
}

/** Who the cloud takes the identity for: the ARN that GetCallerIdentity answers. */
export async function callerArn(run: TestRun, identity: Identity): Promise<string> {
  const answer = await callOpenApi(run, {
    product: "sts",
    action: "GetCallerIdentity",
    version: "2015-04-01",
    method: "POST",
    path: "/",
    regionId: "cn-hangzhou",
    network: "auto",
    credentials: await identity.credentials(run),
  });
  return String(answer.Arn);
}

/** What the kubelet would send for a pod of the service account. */
export function pod(cloud: Cloud, options: ServiceAccountTokenOptions): ServiceAccount {
  return parseServiceAccount(cloud.issueServiceAccountToken(options), {});
}
