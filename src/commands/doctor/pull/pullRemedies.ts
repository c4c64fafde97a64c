import { type EndpointAccess, endpointOf } from "../../../acr/endpointAccess.ts";
import type { Failure } from "../../../failure/failure.ts";
import { parseAcrHost } from "../../../host/acrHost.ts";
import type { Identity } from "../../../identity/identity.ts";
import { cannotConnect } from "../../../openapi/networkFailure.ts";
import type { Registry } from "../../../registry/registry.ts";
import type { Run } from "../../../run/run.ts";
import { nameOf, policyStatement } from "../ramPolicy.ts";
import type { ImageParts } from "./imageParts.ts";

/** What a step of a pull is known to be about when it fails. */
export interface PullContext extends ImageParts {
  readonly run: Run;
  readonly registry?: Registry;
  readonly identity?: Identity;
}

/** What is said of a failed check. */
export interface Said {
  readonly found: string;
  readonly remedy: string;
}

const CONSOLE = "Container Registry console (cr.console.aliyun.com)";

/** Why an endpoint may keep this node out; `isCause`: it does. */
export type KeptOut = Said & { readonly isCause: boolean };

/**
 * Why an endpoint of the instance keeps this node out, by what ListInstanceEndpoint says of it; undefined where it says
 * nothing against the node. `nodeVpc`: the node's own VPC, where the metadata service has named it.
 */
export function keptOut(
  context: PullContext,
  endpoints: readonly EndpointAccess[],
  nodeVpc: string | undefined,
): KeptOut | undefined {
  const { host, registry } = context;
  const endpoint = endpointOf(host, endpoints);
  const network = parseAcrHost(host)?.network;
  if (endpoint === undefined && network === undefined) return undefined;
  const isPublic = endpoint === undefined ? network === "public" : endpoint.type === "internet";
  const id = registry?.instanceId ?? "the instance";
  return isPublic ? notFromInternet(id, endpoint, endpoints) : notFromVpc(id, endpoint, nodeVpc);
}

function notFromInternet(
  id: string,
  endpoint: EndpointAccess | undefined,
  endpoints: readonly EndpointAccess[],
): KeptOut | undefined {
  const place = `${CONSOLE}, Instances, ${id}, Access Control, Internet`;
  if (endpoint?.enabled !== true) {
    const vpcHost = endpoints.flatMap(({ type, domains }) => (type === "vpc" ? domains : []))[0];
    const instead = vpcHost === undefined ? "" : `, or inside a linked VPC pull from ${vpcHost}`;
    return {
      isCause: true,
      found: `public access of ${id} is switched off`,
      remedy: `switch it on (${place}) and add this node's public address to its access list${instead}`,
    };
  }
  if (endpoint.admitted === undefined) return undefined;
  const list =
    endpoint.admitted.length === 0 ? "nobody" : `only ${endpoint.admitted.slice(0, 10).join(", ")}`;
  return {
    isCause: endpoint.admitted.length === 0,
    found: `the public access list of ${id} admits ${list}`,
    remedy: `add the address by which this node reaches the internet (its EIP, or the NAT gateway's) to the access list (${place})`,
  };
}

function notFromVpc(
  id: string,
  endpoint: EndpointAccess | undefined,
  nodeVpc: string | undefined,
): KeptOut | undefined {
  const vpcs = endpoint?.vpcs ?? [];
  if (nodeVpc !== undefined && vpcs.includes(nodeVpc)) return undefined;
  const own = nodeVpc === undefined ? "this node's VPC" : `this node's VPC ${nodeVpc}`;
  const linked = vpcs.slice(0, 10).join(", ") || "none";
  return {
    isCause: nodeVpc !== undefined || vpcs.length === 0,
    found:
      nodeVpc === undefined
        ? `the VPCs that are linked to ${id}: ${linked}`
        : `${own} is not linked to ${id}; linked: ${linked}`,
    remedy: `link ${own} (${CONSOLE}, Instances, ${id}, Access Control, VPC, Add VPC)${nodeVpc === undefined ? " if it is not among them" : ""}; outside of a linked VPC pull from the public host`,
  };
}

/** A failure of the network on the way to one of a pull's hosts. */
export function unreachable(what: string, host: string, failure: Failure): Said {
  const isOut = cannotConnect(failure);
  const vpc = host.includes("-vpc.") || host.includes("-internal.");
  const hint = vpc ? "; it exists inside Alibaba Cloud's network only" : "";
  return {
    found: `${what} ${isOut ? "is unreachable" : "cannot be used"}: ${failure.message}${isOut ? hint : ""}`,
    remedy: `${failure.remedy ?? "check the network between this node and it"} (try "curl -v https://${host}/" on the node; the container runtime pulls with its own proxy settings: systemctl show containerd -p Environment)`,
  };
}

/** The registry refuses before it has asked who it is. */
export function turnedAway({ registry, host }: PullContext, failure: Failure): Said {
  const found = `the registry turns this node away before any login: ${failure.message}`;
  return {
    found,
    remedy: registry?.instanceId
      ? `let this node in: its address in the access list, or its VPC linked (${CONSOLE}, Instances, ${registry.instanceId}, Access Control)`
      : `check what answers for ${host} (proxy, firewall): curl -v https://${host}/v2/`,
  };
}

/** That the identity may not pull: the policy that lets it. */
export function mayNotPull(context: PullContext, why: string): Said {
  const { host, repository } = context;
  return {
    found: `${who(context)} may not pull ${repository} from ${host}: ${why}`,
    remedy: `allow it by a RAM policy: ${policyLine(context)}; if the policy has it already, check that the repository ${repository} exists in this instance and is spelled so`,
  };
}

/** The credentials themselves are turned down. */
export function credentialsRefused(context: PullContext, failure: Failure): Said {
  const { registry, host } = context;
  const found = `the registry does not accept the credentials: ${failure.message}`;
  if (registry?.fixedCredentials !== undefined) {
    const { directory } = registry.fixedCredentials;
    return {
      found,
      remedy: `write the present user name and password into ${directory}/username and ${directory}/password`,
    };
  }
  const instance = registry?.instanceId === "" ? "the Personal Edition" : registry?.instanceId;
  return {
    found,
    remedy: `check that ${host} belongs to ${instance}: a token opens the instance that issued it and no other (${registry?.origin} leads there), then the node's clock`,
  };
}

/** That the host is not the instance's, by its list of domains; undefined where it is, or may be. */
export function foreignHost(context: PullContext, endpoints: readonly EndpointAccess[]): Said | undefined {
  const { host, registry } = context;
  const domains = endpoints.flatMap((endpoint) => endpoint.domains);
  if (domains.length === 0 || endpointOf(host, endpoints) !== undefined) return undefined;
  return {
    found: `the registry does not accept the credentials: ${host} is not a host of ${registry?.instanceId}, which has ${domains.slice(0, 8).join(", ")}`,
    remedy: `correct instanceId or domains of ${registry?.origin}: a token opens the instance that issued it and no other`,
  };
}

function policyLine({ registry, repository }: PullContext): string {
  const instance = registry?.instanceId ? `${registry.instanceId}/` : "";
  const resource = `acs:cr:${registry?.regionId || "*"}:*:repository/${instance}${repository}`;
  return policyStatement("cr:PullRepository", resource);
}

/** The identity by the name that an operator looks for in RAM. */
export function who({ identity, run, registry }: PullContext): string {
  if (registry?.fixedCredentials !== undefined) return `the user of ${registry.fixedCredentials.directory}`;
  return nameOf(run, identity);
}
