import { Failure } from "../../failure/failure.ts";
import type { Identity } from "../../identity/identity.ts";
import { endpointsOf, type Product } from "../../openapi/endpoints.ts";
import { proxyChoice } from "../../openapi/proxy.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Run } from "../../run/run.ts";

/** One place where an API would be asked, and by which way. */
export interface AskedEndpoint {
  readonly api: "ACR" | "STS";
  /** Scheme, host and port. */
  readonly url: string;
  /** The proxy's scheme, host and port, without user name and password; absent: none is used, or none can be. */
  readonly proxy?: string;
  /** What decided it: the variable, or why there is no proxy. */
  readonly proxyReason: string;
}

/** The API endpoints of a registry's token, in the order in which they are tried: STS where a role is assumed, then ACR. */
export function askedEndpoints(run: Run, registry: Registry, identity: Identity): readonly AskedEndpoint[] {
  const asked = (
    api: AskedEndpoint["api"],
    product: Product,
    { regionId, network }: Place,
  ): AskedEndpoint[] =>
    endpointsOf(run, product, regionId, network).map(({ url }) => ({ api, url, ...proxyOf(run, url) }));
  const sts = identity.sts === undefined ? [] : asked("STS", "sts", identity.sts);
  return [...sts, ...asked("ACR", "cr", registry)];
}

type Place = Pick<Registry, "regionId" | "network">;

function proxyOf(run: Run, url: string): Pick<AskedEndpoint, "proxy" | "proxyReason"> {
  try {
    const { proxy, reason } = proxyChoice(run.env, new URL(url));
    run.secrets.add(proxy?.password);
    return { ...(proxy === undefined ? {} : { proxy: proxy.origin }), proxyReason: reason };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { proxyReason: error.message };
  }
}
