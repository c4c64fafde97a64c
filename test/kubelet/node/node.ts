import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import type { Cloud } from "../../cloud/cloud.ts";
import { instanceCorp } from "../../cloud/defaultWorld.ts";
import type { RegistryTokenServer } from "../registryTokenServer.ts";
import { executable } from "../setup/paths.ts";
import type { Release } from "../setup/releases.ts";
import {
  changedKubeletConfig,
  type Different,
  printedKubeletConfig,
  providerName,
} from "../support/kubeletConfig.ts";
import { pullUnauthenticated, startContainerd } from "./containerd.ts";
import { makeImage, pushImage } from "./image.ts";
import { prepareNamespaces, run, state } from "./inside.ts";
import { logOfEndingKubelet, startKubelet } from "./kubelet.ts";
import { type LayerServer, startLayerServer } from "./layerServer.ts";
import { pluginConfig } from "./pluginConfig.ts";
import { type RegionCloud, regionHosts, startRegionCloud } from "./regionCloud.ts";
import { startRegistry } from "./registry.ts";
import type { Service } from "./service.ts";

export const enterpriseHost = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
export const personalHost = "registry.cn-hangzhou.aliyuncs.com";
/** Looks like ACR at both ends of the name. */
export const lookAlikeHost = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com.evil.example.com";

/** Where the Enterprise registry's layers come from, as ACR's do from OSS. */
export const layerHost = "corp-layers.oss-cn-hangzhou-internal.aliyuncs.com";
/** It resolves to an address of Alibaba Cloud's own network, to which this node has no route. */
export const farHost = "registry-vpc.cn-hangzhou.aliyuncs.com";

/** ACR's names as an ECS node would resolve them. */
export const addresses = {
  ...regionHosts,
  [enterpriseHost]: "127.0.0.12",
  [personalHost]: "127.0.0.13",
  [lookAlikeHost]: "127.0.0.14",
  [layerHost]: "127.0.0.15",
  [farHost]: "100.64.0.9",
};

export const repositories = ["team/web", "team/worker", "team/batch"];

/** A machine in a region of the simulated cloud, with registries that hold ACR to its word. */
export interface Region {
  readonly cgroup: string;
  readonly cloud: Cloud;
  readonly tokenServer: RegistryTokenServer;
  readonly layerServer: LayerServer;
  readonly registries: {
    readonly enterprise: Service;
    readonly personal: Service;
    readonly lookAlike: Service;
  };
}

/** An ECS node with the plugin installed. */
export interface Node extends Region {
  readonly startKubelet: (release: Release) => Promise<Service>;
  /** What a kubelet logs that does not start with a CredentialProviderConfig that is so different. */
  readonly logOfKubeletWith: (release: Release, different: Different) => Promise<string>;
  readonly configFile: string;
  /** Forgets the plugin's tokens; the kubelet has its own. */
  readonly clearPluginCache: () => void;
}

/** Turns fresh namespaces into the machine, and starts what is around it. */
export async function startRegion(): Promise<Region> {
  const { cgroup } = prepareNamespaces({ hosts: addresses });
  const region = await startRegionCloud(({ acceptsRegistryLogin }) => ({
    accepts: acceptsRegistryLogin,
    opens: ({ edition, instanceId }, service) =>
      service === "enterprise"
        ? instanceId === instanceCorp
        : service === "personal" && edition === "personal",
  }));
  const { cloud, tokenServer } = region;
  const layerServer = startLayerServer(addresses[layerHost], cloud.issueCertificate([layerHost]));
  return { cgroup, cloud, tokenServer, layerServer, registries: await startRegistries(region) };
}

export async function startNode(): Promise<Node> {
  const region = await startRegion();
  const { cgroup, cloud } = region;
  await startContainerd(pauseImage, cloud.caFile);
  const open = await fillStorage();
  pullUnauthenticated(pauseImage);
  await open.stop();
  const { configFile, binDir } = installPlugin(cloud);
  const kubeletOptions = (release: Release, content: string) => {
    const credentialProviderConfig = `${state}/credential-provider-${release.version}.yaml`;
    writeFileSync(credentialProviderConfig, content);
    return { release, cgroup, credentialProviderConfig, credentialProviderBinDir: binDir };
  };
  return {
    ...region,
    configFile,
    startKubelet: (release) =>
      startKubelet(kubeletOptions(release, printedKubeletConfig(configFile, release))),
    logOfKubeletWith: (release, different) => {
      const content = changedKubeletConfig(printedKubeletConfig(configFile, release), different);
      return logOfEndingKubelet(kubeletOptions(release, content));
    },
    clearPluginCache: () => run(executable, "cache", "clear", "--config", configFile),
  };
}

async function startRegistries({ startRegistry: start }: RegionCloud) {
  const place = (host: keyof typeof addresses) => ({ host, address: addresses[host] });
  const layers = `https://${layerHost}`;
  return {
    enterprise: await start({ name: "enterprise", ...place(enterpriseHost), layers }),
    personal: await start({ name: "personal", ...place(personalHost) }),
    lookAlike: await start({ name: "look-alike", ...place(lookAlikeHost) }),
  };
}

const openRegistry = "127.0.0.1:5000";
export const pauseImage = `${openRegistry}/pause:1`;

/** Puts the repositories and the pause image into the storage of all registries. @returns one that is open to everybody. */
export async function fillStorage(): Promise<Service> {
  const open = await startRegistry({ name: "open", address: openRegistry });
  const image = makeImage();
  for (const repository of [...repositories, "pause"]) {
    await pushImage(`http://${openRegistry}`, repository, "1", image);
  }
  return open;
}

function installPlugin(cloud: Cloud) {
  const configFile = `${state}/config.yaml`;
  const binDir = `${state}/bin`;
  mkdirSync(binDir);
  symlinkSync(executable, `${binDir}/${providerName}`);
  writeFileSync(configFile, pluginConfig(cloud), { mode: 0o600 });
  return { configFile, binDir };
}
