import type { Cloud } from "../../cloud/cloud.ts";
import { makeImage, makeLayer, pushImage } from "../../kubelet/node/image.ts";
import { regionHosts, startRegionCloud } from "../../kubelet/node/regionCloud.ts";
import { startRegistry } from "../../kubelet/node/registry.ts";
import type { Service } from "../../kubelet/node/service.ts";
import type { RegistryTokenServer } from "../../kubelet/registryTokenServer.ts";

/** The instance `corp` inside the VPC. */
export const corpHost = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
/** A registry that is not ACR. */
export const otherHost = "registry.example.org";

const registryHosts = [
  corpHost,
  "corp-registry.cn-hangzhou.cr.aliyuncs.com",
  "shared-registry.cn-hangzhou.cr.aliyuncs.com",
  "images.example.com",
  otherHost,
];

/** The names as an ECS node resolves them. */
export const hosts: Readonly<Record<string, string>> = {
  ...regionHosts,
  ...Object.fromEntries(registryHosts.map((host, index) => [host, `127.0.0.${20 + index}`])),
};

/** A login that the registry that is not ACR knows. */
export const otherLogin = { username: "other", password: "CANARYpasswordOfTheOther" };

const openRegistry = "127.0.0.1:5000";
export const pauseImage = `${openRegistry}/pause:1`;

/** What is around a cluster: Alibaba Cloud, and registries that hold ACR to its word. */
export interface Surroundings {
  readonly cloud: Cloud;
  readonly tokenServer: RegistryTokenServer;
  readonly registries: ReadonlyMap<string, Service>;
  /** Puts an image unlike all others into the registries: `HOST/REPOSITORY` to `HOST/REPOSITORY:TAG`. */
  newImage(name: string): Promise<string>;
}

/** Starts them in the namespaces of the cluster. Repositories `public/…` can be pulled without a login. */
export async function startSurroundings(): Promise<Surroundings> {
  const region = await startRegionCloud((cloud) => ({
    accepts: acceptedLogins(cloud),
    opens: ({ instanceId }, host) => instanceId === instanceAt(cloud, host),
    isPublic: (repository) => repository.startsWith("public/"),
  }));
  const registries = new Map<string, Service>();
  for (const host of registryHosts) {
    const address = hosts[host] as string;
    registries.set(host, await region.startRegistry({ name: host, host, address }));
  }
  await startRegistry({ name: "open", address: openRegistry });

  const layer = makeLayer();
  await pushImage(`http://${openRegistry}`, "pause", "1", makeImage(layer));
  let images = 0;
  async function newImage(name: string): Promise<string> {
    const tag = String(++images);
    const repository = name.slice(name.indexOf("/") + 1);
    await pushImage(`http://${openRegistry}`, repository, tag, makeImage(layer, { image: tag }));
    return `${name}:${tag}`;
  }
  return { cloud: region.cloud, tokenServer: region.tokenServer, registries, newImage };
}

/** Which instance the host belongs to, as the cloud's model has it at this moment. */
const instanceAt = (cloud: Cloud, host: string) =>
  host === otherHost
    ? otherHost
    : cloud.world.instances.find(({ endpoints }) =>
        endpoints.some(({ domains }) => domains.some(({ domain }) => domain === host)),
      )?.instanceId;

function acceptedLogins(cloud: Cloud): Cloud["acceptsRegistryLogin"] {
  const other = {
    ...otherLogin,
    edition: "enterprise",
    accountId: "",
    instanceId: otherHost,
    issuedAt: 0,
    expiresAt: Number.POSITIVE_INFINITY,
    callerArn: "",
    mayPull: () => true,
    mayPush: () => false,
  } as const;
  return (username, password) =>
    username === otherLogin.username && password === otherLogin.password
      ? other
      : cloud.acceptsRegistryLogin(username, password);
}
