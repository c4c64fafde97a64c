import { type Cloud, startCloud } from "../../cloud/cloud.ts";
import {
  issuer,
  type RegistryTokenServer,
  type RegistryTokenServerOptions,
  startRegistryTokenServer,
} from "../registryTokenServer.ts";
import { forward } from "./forward.ts";
import { startRegistry } from "./registry.ts";
import type { Service } from "./service.ts";

export const tokenServerHost = "dockerauth.cn-hangzhou.aliyuncs.com";
const apiHosts = ["cr", "cr-vpc", "sts", "sts-vpc"].map((api) => `${api}.cn-hangzhou.aliyuncs.com`);
const apiAddress = "127.0.0.10";
const tokenServerAddress = "127.0.0.11";

/** The APIs' names as an ECS node resolves them; the metadata service is at its real address. */
export const regionHosts: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...apiHosts, "sts.aliyuncs.com"].map((host) => [host, apiAddress])),
  [tokenServerHost]: tokenServerAddress,
};

export interface RegistryOfRegion {
  /** What the token server knows it by. */
  readonly name: string;
  readonly host: string;
  readonly address: string;
  /** Layers are not served but redirected: to the storage's paths below this URL. */
  readonly layers?: string;
}

/** A region of the simulated cloud in the namespaces of a node, and the token server of its registries. */
export interface RegionCloud {
  readonly cloud: Cloud;
  readonly tokenServer: RegistryTokenServer;
  /** Starts a registry that sends its clients to the token server. */
  startRegistry(registry: RegistryOfRegion): Promise<Service>;
}

/** @param decide whom the token server lets do what. */
export async function startRegionCloud(
  decide: (cloud: Cloud) => Pick<RegistryTokenServerOptions, "accepts" | "opens" | "isPublic">,
): Promise<RegionCloud> {
  const cloud = await startCloud({ hosts: apiHosts, listen: { api: `${apiAddress}:443` } });
  // The simulated cloud itself never leaves loopback.
  await forward("100.100.100.200:80", cloud.endpoints.metadata);
  const tokenServer = startRegistryTokenServer({
    hostname: tokenServerAddress,
    certificate: cloud.issueCertificate([tokenServerHost]),
    ...decide(cloud),
  });
  return {
    cloud,
    tokenServer,
    startRegistry: ({ name, host, address, ...layers }) =>
      startRegistry({
        name,
        address: `${address}:443`,
        certificate: cloud.issueCertificate([host]),
        authentication: {
          realm: `https://${tokenServerHost}/auth`,
          service: name,
          issuer,
          rootcertbundle: cloud.caFile,
        },
        ...layers,
      }),
  };
}
