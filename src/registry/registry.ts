import type { IdentityConfig } from "../config/config.ts";
import type { EndpointChoice } from "../openapi/endpoints.ts";
import type { Run } from "../run/run.ts";

/** An ACR host and the instance behind it: the result of resolving an image's host. */
export interface Registry {
  /** `host[:port]` as the kubelet sent it. */
  readonly host: string;
  readonly edition: "enterprise" | "personal";
  /** `cri-…`; "" for the Personal Edition. */
  readonly instanceId: string;
  readonly instanceName?: string;
  /** "" only where nothing tells it and nothing needs it: an entry with `fixedCredentials`. */
  readonly regionId: string;
  /** Which API endpoint: what the config says; where that is `auto` and the host leads into the VPC, `vpcFirst`. */
  readonly network: EndpointChoice;
  readonly identity: IdentityConfig;
  /** Files `username` and `password` instead of a token. */
  readonly fixedCredentials?: { readonly directory: string };
  /** What led to it: an entry of the config by its path, or `implied`, `discovery`, `annotation`. */
  readonly origin: string;
}

/** An instance that the pod's service account names (`[REGION:]cri-…`). */
export interface AnnotatedInstance {
  readonly instanceId: string;
  readonly regionId?: string;
}

/** Where an instance is asked about, and as whom. */
export interface InstanceQuery {
  readonly regionId: string;
  readonly network: EndpointChoice;
  readonly identity: IdentityConfig;
}

/** An Enterprise instance of a region, as ListInstance has it. */
export interface Instance {
  readonly id: string;
  /** Lower case. */
  readonly name: string;
  /** `RUNNING`, or what keeps it from serving. */
  readonly status: string;
}

/** What can be learnt about instances and the node; `acr/instanceLookups.ts` asks the API, a test has its own. */
export interface Lookups {
  /**
   * Every host of the instance, lower case. `host` is the one in question: where it is missing in what is
   * remembered, that may be refreshed early.
   * @throws Failure when it cannot be known.
   */
  domainsOf(
    run: Run,
    query: InstanceQuery & { readonly instanceId: string },
    host: string,
  ): Promise<readonly string[]>;
  /**
   * The ID of the one running instance of this name in the region.
   * @throws Failure when there is none, or more than one, or it cannot be known.
   */
  findInstance(run: Run, query: InstanceQuery & { readonly instanceName: string }): Promise<string>;
  /** The region that the node is in; asked for only where nothing else tells a region. @throws Failure */
  nodeRegion(run: Run): Promise<string>;
}

/** One thing considered on the way to a registry, for `explain`. */
export interface Step {
  /** `registries[0]`, `annotation cri-…`, `implied`, `discovery`, `host`. */
  readonly candidate: string;
  readonly chosen: boolean;
  readonly reason: string;
}
