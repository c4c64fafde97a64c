import { comparableHost } from "./hostName.ts";

/** Registries of others, and all hosts below them. */
const foreign: readonly string[] = [
  "docker.io",
  "docker.com",
  "ghcr.io",
  "quay.io",
  "gcr.io",
  "pkg.dev",
  "k8s.io",
  "mcr.microsoft.com",
  "azurecr.io",
  "azurecr.cn",
  "amazonaws.com",
  "amazonaws.com.cn",
  "ecr.aws",
  "nvcr.io",
  "icr.io",
  "ocir.io",
  "registry.gitlab.com",
  "registry.redhat.io",
  "registry.access.redhat.com",
  "docker.elastic.co",
  "tencentyun.com",
  "tencentcloudcr.com",
  "myhuaweicloud.com",
  "volces.com",
  "baidubce.com",
];

const dnsName = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether the host is that of a well-known registry which is not ACR. */
export function isForeignHost(host: string): boolean {
  const name = comparableHost(host);
  return foreign.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}

/**
 * Whether the host may be a custom domain of some ACR instance, so that it is worth asking for the instance's
 * domains. It never is for what is not a public DNS name on port 443 (addresses, `localhost`, other ports, trailing
 * dots, percent signs, user names, letters beyond ASCII), for the registries of others, and for names with
 * `aliyuncs` in them: Alibaba Cloud's own are known by form, the rest imitates them. Such a host can still be
 * named in an entry's `domains`.
 */
export function mayBeCustomDomain(host: string): boolean {
  const name = comparableHost(host);
  return name.length <= 253 && dnsName.test(name) && !name.includes("aliyuncs") && !isForeignHost(name);
}
