import type { Operation } from "../cloud/gateway/operations.ts";
import { openTunnels } from "../identity/support/tunnels.ts";
import { type ClientResult, ended, type OfficialClient, type Told } from "./officialClient.ts";

const regionId = "cn-hangzhou";
const enterprise = `corp-registry.${regionId}.cr.aliyuncs.com`;
const personal = `registry.${regionId}.aliyuncs.com`;

/**
 * The released docker-credential-acr-helper, run as Docker runs it. It knows no endpoints but the real ones: a proxy on
 * loopback leads each host to the simulated cloud, and the metadata service's address nowhere.
 */
export function credentialHelper(program: string): OfficialClient {
  return {
    name: "docker-credential-acr-helper",
    operations: ["GetAuthorizationToken", "ListInstance", "GetTokens(2016)", "AssumeRoleWithOIDC"],
    call: async (cloud, operation, told) => {
      const tunnels = await openTunnels(cloud.endpoints.api ?? "");
      try {
        return await run(program, operation, told, tunnels.url);
      } finally {
        tunnels.stop();
      }
    },
  };
}

function run(program: string, operation: Operation, told: Told, proxy: string): Promise<ClientResult> {
  const { HOME = "", SSL_CERT_FILE = "" } = told;
  const environment = { HOME, SSL_CERT_FILE, HTTPS_PROXY: proxy, HTTP_PROXY: proxy };
  const host = operation === "GetTokens(2016)" ? personal : enterprise;
  return ended([program, "get"], { ...environment, ...identity(operation, told) }, `${host}\n`);
}

function identity(operation: Operation, told: Told): Record<string, string> {
  if (operation === "AssumeRoleWithOIDC") {
    return {
      ALIBABA_CLOUD_ROLE_ARN: told.ROLE_ARN ?? "",
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: told.OIDC_PROVIDER_ARN ?? "",
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: told.OIDC_TOKEN_FILE ?? "",
    };
  }
  return {
    ALIBABA_CLOUD_ACCESS_KEY_ID: told.ACCESS_KEY_ID ?? "",
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: told.ACCESS_KEY_SECRET ?? "",
    ...(told.SECURITY_TOKEN ? { ALIBABA_CLOUD_SECURITY_TOKEN: told.SECURITY_TOKEN } : {}),
    ...(operation === "GetAuthorizationToken"
      ? {
          DOCKER_CREDENTIAL_ACR_HELPER_INSTANCE_ID: told.INSTANCE_ID ?? "",
          DOCKER_CREDENTIAL_ACR_HELPER_REGION: regionId,
        }
      : {}),
  };
}
