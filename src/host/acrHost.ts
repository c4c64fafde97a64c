import { comparableHost } from "./hostName.ts";
import { REGION_FORM } from "./region.ts";

/** What a host name of ACR's own says about the instance behind it. */
export interface AcrHost {
  /** `newPersonal`: a Personal Edition instance made since 2024-09-09, with a host of its own (`crpi-…`). */
  readonly edition: "enterprise" | "personal" | "newPersonal";
  /** enterprise: the instance's name; newPersonal: its `crpi-…` ID. */
  readonly instanceName?: string;
  readonly regionId: string;
  /** Where the host leads from; `internal` is the classic network. */
  readonly network: "public" | "vpc" | "internal";
}

/** What an Enterprise host has behind `registry`; not all of them are known to exist, and none of them is another's. */
export const ENTERPRISE_NETWORKS = [
  "",
  "-vpc",
  "-internal",
  "-intl",
  "-intl-vpc",
  "-intl-internal",
  "-vpc-internal",
  "-intl-vpc-internal",
] as const;

/**
 * Those of them that the product's documents show, and that are known to exist. The others, and `.distributed`, only the
 * regular expression has that is named below.
 */
export const DOCUMENTED_ENTERPRISE_NETWORKS = [
  "",
  "-vpc",
] as const satisfies readonly (typeof ENTERPRISE_NETWORKS)[number][];

/** The same for the Personal Edition's hosts. */
export const PERSONAL_NETWORKS = ["", "-vpc", "-internal", "-intl", "-intl-vpc"] as const;

const enterprise = new RegExp(
  `^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)-registry(${ENTERPRISE_NETWORKS.join("|")})(?:\\.distributed)?\\.(${REGION_FORM})\\.cr\\.aliyuncs\\.com$`,
);
const personal = new RegExp(`^registry(${PERSONAL_NETWORKS.join("|")})\\.(${REGION_FORM})\\.aliyuncs\\.com$`);
const newPersonal = new RegExp(
  `^(crpi-[a-z0-9]+)(-vpc)?\\.(${REGION_FORM})\\.personal\\.cr\\.aliyuncs\\.com$`,
);

const MAX_LABEL = 63;

/**
 * Reads a registry host `host[:port]` that has one of the forms of ACR's own hosts, or undefined when it has
 * none of them. The whole host is compared, in any case; a port of 443 counts as none, another port is not
 * ACR's. Forms: https://www.alibabacloud.com/help/en/acr/user-guide/individual-edition-instance-independent-domain-name-capacity-limit
 * and the regular expression of github.com/mozillazg/docker-credential-acr-helper, registry.go.
 */
export function parseAcrHost(host: string): AcrHost | undefined {
  const name = comparableHost(host);
  if (!name.endsWith(".aliyuncs.com")) return undefined;
  for (const label of name.split(".")) if (label.length > MAX_LABEL) return undefined;
  return parseEnterprise(name) ?? parsePersonal(name) ?? parseNewPersonal(name);
}

function parseEnterprise(name: string): AcrHost | undefined {
  const match = enterprise.exec(name);
  if (match === null) return undefined;
  const [, instanceName = "", network = "", regionId = ""] = match;
  return { edition: "enterprise", instanceName, regionId, network: networkOf(network) };
}

function parsePersonal(name: string): AcrHost | undefined {
  const match = personal.exec(name);
  if (match === null) return undefined;
  const [, network = "", regionId = ""] = match;
  return { edition: "personal", regionId, network: networkOf(network) };
}

function parseNewPersonal(name: string): AcrHost | undefined {
  const match = newPersonal.exec(name);
  if (match === null) return undefined;
  const [, instanceName = "", network = "", regionId = ""] = match;
  return { edition: "newPersonal", instanceName, regionId, network: networkOf(network) };
}

function networkOf(network: string): AcrHost["network"] {
  if (network.includes("-vpc")) return "vpc";
  return network.includes("-internal") ? "internal" : "public";
}
