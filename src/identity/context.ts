import type { ServiceAccount } from "../access/serviceAccount.ts";
import type { EndpointChoice } from "../openapi/endpoints.ts";

/** For what, and for whom, an identity is worked out. */
export interface IdentityContext {
  /** Region whose STS endpoint is asked. */
  readonly regionId: string;
  /** Which STS endpoint; values as for `endpointsOf`. */
  readonly network: EndpointChoice;
  /** Whose pod pulls, when the kubelet sent a token. */
  readonly serviceAccount?: ServiceAccount;
}
