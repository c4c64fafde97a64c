import type { Network } from "../config/config.ts";
import type { Run } from "../run/run.ts";

/** Products whose API this program calls: ACR and STS. */
export type Product = "cr" | "sts";

/** What the config says, or for `auto` and a registry host that leads into the VPC, the VPC endpoint first. */
export type EndpointChoice = Network | "vpcFirst";

/** One place where a product's API answers. */
export interface Endpoint {
  /** Scheme, host and port, no trailing slash. */
  readonly url: string;
  /** What to change in the config if it cannot be reached, where there is a choice: completes "or …". */
  readonly instead?: string;
}

/**
 * Where an API may be asked, in order; the second one is for when the first cannot be connected to.
 * `vpcFirst`: the VPC endpoint where there is one, then the public one; `auto`: the other way round; `public`: that
 * only; `vpc`: that only, where there is one.
 * An override of the config stands alone.
 */
export function endpointsOf(
  run: Pick<Run, "config">,
  product: Product,
  regionId: string | undefined,
  network: EndpointChoice,
): readonly Endpoint[] {
  const configured = product === "cr" ? run.config.endpoints.acr : run.config.endpoints.sts;
  if (configured !== undefined) return [{ url: configured, instead: insteadOfOverride(product) }];
  const hosts = product === "cr" ? acrHosts(regionId ?? "cn-hangzhou") : stsHosts(regionId);
  const open: Endpoint = { url: `https://${hosts.public}`, instead: BY_PROXY };
  if (hosts.vpc === undefined) return [open];
  if (network === "public") return [{ ...open, instead: insteadOfPublic(regionId) }];
  const inside: Endpoint = { url: `https://${hosts.vpc}`, instead: BY_PROXY };
  if (network === "vpc") return [{ ...inside, instead: insteadOfVpc(regionId) }];
  return network === "vpcFirst" ? [inside, open] : [open, inside];
}

const BY_PROXY = "set HTTPS_PROXY in the kubelet's environment if the node needs a proxy";

function insteadOfOverride(product: Product): string {
  const key = product === "cr" ? "acr" : product;
  return `correct endpoints.${key} (without it, network: auto, vpc or public chooses the endpoint)`;
}

function insteadOfPublic(regionId: string | undefined): string {
  return `set network: vpc if the node is in a VPC of ${regionId} and has no way to the Internet`;
}

function insteadOfVpc(regionId: string | undefined): string {
  return `set network: public if the node is not in a VPC of ${regionId}`;
}

interface Hosts {
  readonly public: string;
  readonly vpc?: string;
}

/** Regions whose ACR API has no VPC host (Alibaba Cloud's API metadata `en-US/products.json`, 2026-04-21). */
const acrWithoutVpc = ["cn-heyuan", "cn-huhehaote", "cn-wulanchabu"];

function acrHosts(regionId: string): Hosts {
  const open = `cr.${regionId}.aliyuncs.com`;
  return acrWithoutVpc.includes(regionId)
    ? { public: open }
    : { public: open, vpc: `cr-vpc.${regionId}.aliyuncs.com` };
}

const STS_GLOBAL = "sts.aliyuncs.com";

/** Regions with an STS host of their own, public and VPC (API metadata, 2026-04). */
const stsRegions = new Set(
  `ap-northeast-1 ap-northeast-2 ap-southeast-1 ap-southeast-3 ap-southeast-5 ap-southeast-7 cn-beijing
  cn-beijing-finance-1 cn-chengdu cn-fuzhou cn-guangzhou cn-hangzhou cn-heyuan cn-hongkong cn-huhehaote cn-nanjing
  cn-qingdao cn-shanghai cn-shanghai-finance-1 cn-shenzhen cn-wuhan-lr cn-wulanchabu cn-zhangjiakou eu-central-1
  eu-west-1 me-central-1 me-east-1 na-south-1 us-east-1 us-west-1`.split(/\s+/),
);

/** Regions where only the VPC has a host of its own (API metadata; Go SDK's endpoint map). */
const stsVpcOnly = ["cn-shenzhen-finance-1", "cn-north-2-gov-1"];

/** STS is global: any endpoint issues for any account, so a region without one uses the global host. */
function stsHosts(regionId: string | undefined): Hosts {
  if (regionId === undefined) return { public: STS_GLOBAL };
  const vpc = `sts-vpc.${regionId}.aliyuncs.com`;
  if (stsRegions.has(regionId)) return { public: `sts.${regionId}.aliyuncs.com`, vpc };
  return stsVpcOnly.includes(regionId) ? { public: STS_GLOBAL, vpc } : { public: STS_GLOBAL };
}
