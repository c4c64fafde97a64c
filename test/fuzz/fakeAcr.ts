import { comparableHost } from "../../src/host/hostName.ts";

/** An instance and the hosts that it owns. */
interface Owner {
  readonly instanceId: string;
  readonly instanceName: string;
  readonly regionId: string;
  readonly domains: readonly string[];
}

function owner(instanceId: string, instanceName: string, regionId: string, custom: string[] = []): Owner {
  const own = ["", "-vpc"].map((network) => `${instanceName}-registry${network}.${regionId}.cr.aliyuncs.com`);
  return { instanceId, instanceName, regionId, domains: [...own, ...custom] };
}

/** Three instances of two regions; each host belongs to one of them. */
export const owners: readonly Owner[] = [
  owner("cri-corp", "corp", "cn-hangzhou", ["images.example.com"]),
  owner("cri-shared", "shared", "cn-hangzhou", ["shared.example.com"]),
  owner("cri-teama", "team-a", "cn-beijing"),
];

export const personalHosts = ["registry.cn-hangzhou.aliyuncs.com", "registry-vpc.cn-beijing.aliyuncs.com"];

/** Whose credentials may go to this host: an instance, `personal REGION`, or nobody's. */
export function rightfulOwner(host: string): string | undefined {
  const name = comparableHost(host);
  const personal = /^registry(?:-vpc|-internal|-intl|-intl-vpc)?\.([a-z0-9-]+)\.aliyuncs\.com$/.exec(name);
  if (personal !== null) return `personal ${personal[1]}`;
  return owners.find(({ domains }) => domains.includes(name))?.instanceId;
}

/** A password that says whose it is and who asked for it. */
export function passwordOf(whose: string, accessKeyId: string): string {
  return `password of ${whose} for ${accessKeyId}`;
}

/** ACR's API as far as a pull needs it. Notes where requests went. */
export function fakeAcr(hosts: Set<string>) {
  return async (url: string, init: RequestInit): Promise<Response> => {
    const { host, pathname, searchParams } = new URL(url);
    hosts.add(host);
    const headers = new Headers(init.headers);
    const accessKeyId = /Credential=([^,]+)/.exec(headers.get("authorization") ?? "")?.[1] ?? "";
    const regionId = /^cr(?:-vpc)?\.([a-z0-9-]+)\.aliyuncs\.com$/.exec(host)?.[1] ?? "";
    if (pathname === "/tokens") return Response.json(personalToken(regionId, accessKeyId));
    const instance = owners.find(({ instanceId }) => instanceId === searchParams.get("InstanceId"));
    return Response.json(answer(headers.get("x-acs-action") ?? "", regionId, accessKeyId, instance));
  };
}

const expires = () => Date.now() + 3_600_000;

function personalToken(regionId: string, accessKeyId: string): object {
  const authorizationToken = passwordOf(`personal ${regionId}`, accessKeyId);
  return { data: { tempUserName: "cr_temp_user", authorizationToken, expireDate: expires() } };
}

function answer(action: string, regionId: string, accessKeyId: string, instance: Owner | undefined): object {
  if (action === "ListInstance") {
    const found = owners.filter((one) => one.regionId === regionId);
    const Instances = found.map(({ instanceId, instanceName }) => ({
      InstanceId: instanceId,
      InstanceName: instanceName,
      InstanceStatus: "RUNNING",
    }));
    return { IsSuccess: true, Instances, TotalCount: found.length };
  }
  if (instance === undefined || instance.regionId !== regionId)
    return { IsSuccess: false, Code: "INSTANCE_NOT_EXIST", Message: "no such instance", RequestId: "1" };
  if (action === "ListInstanceEndpoint") {
    const Domains = instance.domains.map((Domain) => ({ Domain, Type: "SYSTEM" }));
    return { IsSuccess: true, Endpoints: [{ Enable: true, Domains }] };
  }
  const AuthorizationToken = passwordOf(instance.instanceId, accessKeyId);
  return { IsSuccess: true, TempUsername: "cr_temp_user", AuthorizationToken, ExpireTime: expires() };
}
