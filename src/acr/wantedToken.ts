import type { Identity } from "../identity/identity.ts";
import { withCredentials } from "../identity/withCredentials.ts";
import type { Registry } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";
import type { WantedToken } from "./obtainToken.ts";

/** A registry, and as whom to ask for its token. */
export interface TokenQuery {
  readonly registry: Registry;
  readonly identity: Identity;
  /** The same identity, bound to the time of another run. */
  identityWithin(run: Run): Promise<Identity>;
}

/** The registry's token for this identity. Code for the network is loaded only when it is asked for. */
export function tokenOf(run: Run, { registry, identity, identityWithin }: TokenQuery): WantedToken {
  const { instanceId, regionId, network, edition } = registry;
  return {
    key: JSON.stringify([identity.key, instanceId, regionId, run.config.endpoints.acr ?? network]),
    request: async (within) => {
      const requestToken =
        edition === "enterprise"
          ? (await import("./enterprise.ts")).requestEnterpriseToken
          : (await import("./personal.ts")).requestPersonalToken;
      return withCredentials(await identityWithin(within), (credentials) =>
        requestToken(within, registry, credentials),
      );
    },
  };
}
