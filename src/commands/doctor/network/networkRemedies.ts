import type { Failure } from "../../../failure/failure.ts";
import type { Target } from "./targets.ts";

const names: Readonly<Record<Target["id"], string>> = {
  api: "ACR's API",
  sts: "STS",
  registry: "registry",
  "token-realm": "token realm",
  layers: "layer host",
};

/** What a host is for, in a check's subject. */
export function subjectOf({ id, url, byRuleOf }: Target): string {
  const rule = byRuleOf === undefined ? "" : `, by the naming rule of ${byRuleOf}`;
  return `${url.host} (${names[id]}${rule})`;
}

/** What is said of a host that cannot be reached: the step that fails, and what fixes it. */
export function notReached(target: Target, failure: Failure): { found: string; remedy: string } {
  const remedy = remedyOf(target, failure);
  const address = /(?:^|\D)(100\.\d+\.\d+\.\d+)(?!\d)/.exec(failure.message)?.[1];
  if (address === undefined || !isSharedAddress(address)) return { found: failure.message, remedy };
  return {
    found: `${failure.message}; ${address} is inside Alibaba Cloud's network (100.64.0.0/10), to which nothing routes from elsewhere`,
    remedy: `route 100.64.0.0/10 from this network to a VPC of the region (VPN Gateway, Express Connect with CEN, or PrivateLink), or use the public host; inside a VPC: ${remedy}`,
  };
}

/** 100.64.0.0/10. */
function isSharedAddress(address: string): boolean {
  const second = Number(address.split(".")[1]);
  return second >= 64 && second <= 127;
}

function remedyOf({ id, url }: Target, { code, remedy }: Failure): string {
  const { host, hostname } = url;
  const port = url.port || "443";
  const isRuntimes = id === "registry" || id === "token-realm" || id === "layers";
  switch (code) {
    case "HostNotFound":
      return nameRemedy(id, hostname);
    case "DnsSilent":
      return `${remedy}; try: getent hosts ${hostname}; cat /etc/resolv.conf`;
    case "TlsUnknownAuthority":
      return isRuntimes
        ? `put the authority's certificate into the node's trust store (update-ca-certificates) and restart the container runtime, which pulls from there; tls.caFile counts for this plugin only (openssl s_client -connect ${hostname}:${port} -servername ${hostname} shows who signs)`
        : `${remedy} (openssl s_client -connect ${hostname}:${port} -servername ${hostname} shows who signs)`;
    case "ProxyRefused":
    case "ProxyFailed":
      return `${remedy}; try: curl -v -x "$HTTPS_PROXY" https://${host}/`;
    default:
      return code.startsWith("Tls")
        ? `${remedy}; try: openssl s_client -connect ${hostname}:${port} -servername ${hostname}`
        : `${remedy}; try: nc -vz ${hostname} ${port}`;
  }
}

function nameRemedy(id: Target["id"], hostname: string): string {
  const ask = `try: getent hosts ${hostname}; cat /etc/resolv.conf`;
  const isInside = /-vpc\.|-internal\./.test(hostname);
  if (!isInside) return `check the node's DNS and the spelling; ${ask}`;
  if (id === "registry" && hostname.includes(".cr.")) {
    return `link this node's VPC to the instance (cr.console.aliyun.com, Instances, Access Control, VPC, Add VPC): the name resolves in linked VPCs only; elsewhere pull from the public host; ${ask}`;
  }
  const open = id === "api" || id === "sts" ? "; elsewhere set network: public" : "";
  return `use the DNS servers of the VPC (100.100.2.136 and 100.100.2.138), which know it${open}; ${ask}`;
}
