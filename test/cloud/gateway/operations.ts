import { formPairs, pairsOf, type ReceivedRequest } from "../http/receivedRequest.ts";

/** The operations of the simulated cloud, as faults and records name them. */
export type Operation =
  | "GetAuthorizationToken"
  | "GetTokens(2016)"
  | "ListInstance"
  | "ListInstanceEndpoint"
  | "GetInstance"
  | "AssumeRole"
  | "AssumeRoleWithOIDC"
  | "GetCallerIdentity"
  | "MetadataToken"
  | "MetadataRegion"
  | "MetadataRole"
  | "MetadataRoleCredentials"
  | "MetadataOther"
  | "CredentialsUri"
  | "Unknown";

export type Service = "acr" | "sts" | "metadata" | "credentialsUri";

export interface Route {
  service: Service;
  operation: Operation;
  /** From a real host name such as `cr-vpc.cn-hangzhou.aliyuncs.com`, else from `RegionId`. */
  regionId?: string | undefined;
}

const versions: Record<string, Operation[]> = {
  "acr 2018-12-01": ["GetAuthorizationToken", "ListInstance", "ListInstanceEndpoint", "GetInstance"],
  "sts 2015-04-01": ["AssumeRole", "AssumeRoleWithOIDC", "GetCallerIdentity"],
};

/** Finds out what a request asks for. */
export function route(request: ReceivedRequest): Route {
  if (request.listener === "metadata") return { service: "metadata", operation: metadataOperation(request) };
  if (request.listener === "credentialsUri")
    return { service: "credentialsUri", operation: "CredentialsUri" };
  const named = /^(cr|sts)(?:-vpc)?\.(?:([a-z0-9-]+)\.)?aliyuncs\.com(?::\d+)?$/i.exec(request.host);
  const service = apiService(request, named?.[1]);
  const regionId = named?.[2] ?? parameter(request, "RegionId");
  return { service, operation: apiOperation(request, service), regionId };
}

function apiService(request: ReceivedRequest, hostPrefix: string | undefined): "acr" | "sts" {
  if (hostPrefix) return hostPrefix.toLowerCase() === "cr" ? "acr" : "sts";
  if (request.listener === "acr" || request.listener === "sts") return request.listener;
  return version(request) === "2015-04-01" ? "sts" : "acr";
}

function apiOperation(request: ReceivedRequest, service: "acr" | "sts"): Operation {
  if (service === "acr" && version(request) === "2016-06-07") {
    return request.path === "/tokens" && request.method === "GET" ? "GetTokens(2016)" : "Unknown";
  }
  if (request.path !== "/" || !["GET", "POST"].includes(request.method)) return "Unknown";
  const action = request.headers["x-acs-action"] ?? parameter(request, "Action");
  return versions[`${service} ${version(request)}`]?.find((operation) => operation === action) ?? "Unknown";
}

function version(request: ReceivedRequest): string | undefined {
  return request.headers["x-acs-version"] ?? parameter(request, "Version");
}

function parameter(request: ReceivedRequest, name: string): string | undefined {
  const inQuery = pairsOf(request.rawQuery).find(([found]) => found === name);
  return (inQuery ?? formPairs(request).find(([found]) => found === name))?.[1];
}

function metadataOperation({ method, path }: ReceivedRequest): Operation {
  const roles = "/latest/meta-data/ram/security-credentials";
  if (method === "PUT" && path === "/latest/api/token") return "MetadataToken";
  if (path === "/latest/meta-data/region-id") return "MetadataRegion";
  if (path === roles || path === `${roles}/`) return "MetadataRole";
  return path.startsWith(`${roles}/`) ? "MetadataRoleCredentials" : "MetadataOther";
}
