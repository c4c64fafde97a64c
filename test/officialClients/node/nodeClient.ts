/**
 * Makes one call with an official package, as `go/main.go` does: CLIENT OPERATION, what it calls with in the
 * environment; prints what the client made of the answer.
 */
import { createRequire } from "node:module";
import type * as Credentials from "@alicloud/credentials";
import type * as OpenApiCore from "@alicloud/openapi-core";
import type * as Sts from "@alicloud/sts20150401";

const require = createRequire(import.meta.url);
const { default: Credential, Config } = require("@alicloud/credentials") as typeof Credentials;
const { default: OpenApiClient, $OpenApiUtil } = require("@alicloud/openapi-core") as typeof OpenApiCore;
const sts = require("@alicloud/sts20150401") as typeof Sts;
const { RuntimeOptions } = require("@darabonba/typescript");

const env = process.env as Record<string, string>;
const durationSeconds = 3600;

const settings = (endpoint: string | undefined) =>
  new $OpenApiUtil.Config({
    accessKeyId: env.ACCESS_KEY_ID,
    accessKeySecret: env.ACCESS_KEY_SECRET,
    securityToken: env.SECURITY_TOKEN,
    endpoint,
  });

const clients: Record<string, (operation: string) => Promise<unknown>> = {
  "@alicloud/openapi-core": callAcr,
  "@alicloud/sts20150401": callSts,
  "@alicloud/credentials": callCredentials,
};

const [client = "", operation = ""] = process.argv.slice(2);
console.log(JSON.stringify(await clients[client]?.(operation)));
process.exit(0);

/** The packages for ACR are not in the registry: they would do no more than call this. */
function callAcr(name: string): Promise<unknown> {
  const enterprise = { version: "2018-12-01", pathname: "/", method: "POST", style: "RPC" };
  const personal = { version: "2016-06-07", pathname: "/tokens", method: "GET", style: "ROA" };
  const isPersonal = name === "GetTokens(2016)";
  const params = new $OpenApiUtil.Params({
    ...(isPersonal ? personal : enterprise),
    action: isPersonal ? "GetAuthorizationToken" : name,
    protocol: "HTTPS",
    authType: "AK",
    reqBodyType: isPersonal ? "json" : "formData",
    bodyType: "json",
  });
  const queries: Record<string, Record<string, string>> = {
    GetAuthorizationToken: { InstanceId: env.INSTANCE_ID ?? "" },
    ListInstance: { PageNo: "1", PageSize: "100" },
    ListInstanceEndpoint: { InstanceId: env.INSTANCE_ID ?? "", ModuleName: "Registry", Summary: "true" },
  };
  const query = queries[name];
  const request = new $OpenApiUtil.OpenApiRequest(query === undefined ? {} : { query });
  return new OpenApiClient(settings(env.ACR_ENDPOINT)).callApi(params, request, new RuntimeOptions({}));
}

async function callSts(name: string): Promise<unknown> {
  const caller = new sts.default(settings(env.STS_ENDPOINT));
  const role = { durationSeconds, roleArn: env.ROLE_ARN, roleSessionName: env.SESSION_NAME };
  if (name === "AssumeRole") {
    const { EXTERNAL_ID: externalId, POLICY: policy } = env;
    return caller.assumeRole(new sts.AssumeRoleRequest({ ...role, externalId, policy }));
  }
  const { readFileSync } = await import("node:fs");
  const oidc = {
    OIDCProviderArn: env.OIDC_PROVIDER_ARN,
    OIDCToken: readFileSync(env.OIDC_TOKEN_FILE ?? "", "utf8"),
  };
  return caller.assumeRoleWithOIDC(new sts.AssumeRoleWithOIDCRequest({ ...role, ...oidc }));
}

function callCredentials(name: string): Promise<unknown> {
  const common = {
    roleArn: env.ROLE_ARN,
    roleSessionName: env.SESSION_NAME,
    roleSessionExpiration: durationSeconds,
    stsEndpoint: env.STS_ENDPOINT,
  };
  const ofKey = {
    type: "ram_role_arn",
    accessKeyId: env.ACCESS_KEY_ID,
    accessKeySecret: env.ACCESS_KEY_SECRET,
    externalId: env.EXTERNAL_ID,
    policy: env.POLICY,
  };
  const ofToken = {
    type: "oidc_role_arn",
    oidcProviderArn: env.OIDC_PROVIDER_ARN,
    oidcTokenFilePath: env.OIDC_TOKEN_FILE,
  };
  const config = new Config({ ...common, ...(name === "AssumeRole" ? ofKey : ofToken) });
  return new Credential(config).getCredential();
}
