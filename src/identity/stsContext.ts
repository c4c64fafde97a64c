import { Failure } from "../failure/failure.ts";
import { isRegion } from "../host/region.ts";
import type { IdentityContext, IdentitySetting } from "./identity.ts";

/** Which STS a profile wants; where it names none, the environment and then the registry decide. */
export interface WantedSts {
  readonly region?: string | undefined;
  /** What names the region, for messages: `its sts_region`. */
  readonly origin?: string;
  readonly isVpc?: boolean;
}

/**
 * The context for an identity in the formats of @alicloud/credentials: the region and network that it names itself,
 * else ALIBABA_CLOUD_STS_REGION and ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED, else those of the registry.
 * @throws Failure `ConfigInvalid` for what is not a region: it would be a part of a host's name.
 */
export function stsContext(
  { env }: IdentitySetting,
  context: IdentityContext,
  { region, origin = "", isVpc = false }: WantedSts = {},
): IdentityContext {
  const named = region ?? (env.ALIBABA_CLOUD_STS_REGION || undefined);
  if (named !== undefined && !isRegion(named)) {
    throw notARegion(region === undefined ? "ALIBABA_CLOUD_STS_REGION" : origin);
  }
  const inside = isVpc || env.ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED?.toLowerCase() === "true";
  return {
    ...context,
    regionId: named ?? context.regionId,
    network: inside ? "vpcFirst" : context.network,
  };
}

function notARegion(origin: string): Failure {
  return new Failure(`choose the STS endpoint: ${origin} is not a region ID`, {
    code: "ConfigInvalid",
    remedy: `set ${origin} to a region ID such as cn-hangzhou, or remove it`,
    exitStatus: 2,
  });
}
