import {
  accountA,
  instance,
  instanceCorp,
  instanceShared,
  instanceTeamA,
  keyA,
} from "../../cloud/defaultWorld.ts";
import type { MistakeGroup } from "../mistake.ts";

const place = { instanceId: instanceCorp, instanceName: "corp" };
const personalHost = "crpi-abcdef0123456789.cn-hangzhou.personal.cr.aliyuncs.com";

/** Which image leads to which instance. */
export const hosts: MistakeGroup = {
  title: "Hosts, instances and regions",
  mistakes: [
    {
      title: "The instance belongs to another account, and no role of that account is configured",
      made: "An entry with the other account's `instanceId`, and no `assumeRoles`.",
      config: {
        registries: [{ instanceId: instanceShared, instanceName: "shared", regionId: "cn-hangzhou" }],
      },
      image: "shared-registry.cn-hangzhou.cr.aliyuncs.com/apps/web",
    },
    {
      title: "The placeholder of the example is still in the config",
      made: "`instanceId: cri-xxxxxxxxxxxxxxxx`, copied from the documentation.",
      config: { registries: [{ ...place, instanceId: "cri-xxxxxxxxxxxxxxxx", regionId: "cn-hangzhou" }] },
    },
    {
      title: "The entry names another region than the image's host",
      made: "`regionId: cn-beijing` for an instance whose host is in cn-hangzhou.",
      config: { registries: [{ ...place, regionId: "cn-beijing" }] },
    },
    {
      title: "The entry names the custom domain only, and the image has the default host",
      made: "`domains: [images.example.com]`: such an entry answers for these hosts and no others.",
      config: { registries: [{ ...place, regionId: "cn-hangzhou", domains: ["images.example.com"] }] },
    },
    {
      title: "There is no entry for the instance",
      made: "`registries` has another instance only, so that `discovery: auto` is off.",
      config: { registries: [{ instanceId: instanceTeamA, instanceName: "team-a", regionId: "cn-beijing" }] },
    },
    {
      title: "An entry without instanceName is of another instance",
      made: "`instanceId` is that of another instance in the region, which does not have the image's host.",
      config: { registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }] },
      image: "web-registry.cn-hangzhou.cr.aliyuncs.com/apps/web",
    },
    {
      title: "The instance is stopped or has expired",
      made: "Its status is not RUNNING.",
      prepare: (cloud) => {
        for (const one of cloud.world.instances) if (one.instanceId === instanceCorp) one.status = "STOPPED";
        return undefined;
      },
    },
    {
      title: "Without any entry, the account has no instance of that name",
      made: "`registries` is empty, and the image's host is misspelt.",
      config: { registries: [] },
      image: "crop-registry.cn-hangzhou.cr.aliyuncs.com/apps/web",
    },
    {
      title: "Without any entry, the instance of that name is stopped",
      made: "`registries` is empty, and the instance's status is not RUNNING.",
      config: { registries: [] },
      prepare: (cloud) => {
        for (const one of cloud.world.instances) if (one.instanceId === instanceCorp) one.status = "STOPPED";
        return undefined;
      },
    },
    {
      title: "Without any entry, two instances have that name",
      made: "`registries` is empty, and the name is not unique in the region.",
      config: { registries: [] },
      prepare: (cloud) => {
        cloud.world.instances.push(instance(accountA, "cn-hangzhou", "cri-second0000000000", "corp"));
        return undefined;
      },
    },
    {
      title: "The RAM user has never opened the Personal Edition",
      made: "The AccessKey of a RAM user that never signed in to the console of ACR and set a registry password.",
      config: {
        registries: [{ regionId: "cn-hangzhou" }],
        identity: { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret },
      },
      image: "registry.cn-hangzhou.aliyuncs.com/apps/web",
      fault: {
        operation: "GetTokens(2016)",
        kind: "error",
        code: "USER_NOT_EXIST",
        status: 500,
        message: "user is not exist",
      },
    },
    {
      title: "The account has no Personal Edition in the region",
      made: "No one of the account has ever set a registry password in this region.",
      config: { registries: [{ regionId: "cn-hangzhou" }] },
      image: "registry.cn-hangzhou.aliyuncs.com/apps/web",
      prepare: (cloud) => {
        cloud.world.personalInstances = [];
        return undefined;
      },
    },
    {
      title: "The image is of a Personal Edition instance with a host of its own",
      made: "An image of a `crpi-…` host, made since 2024-09-09, and no entry that names the host.",
      image: `${personalHost}/apps/web`,
    },
    {
      title: "The Personal Edition's API does not serve a host of its own",
      made: `\`domains: [${personalHost}]\` tries it, and the API refuses.`,
      config: { registries: [{ domains: [personalHost], regionId: "cn-hangzhou" }] },
      image: `${personalHost}/apps/web`,
      fault: {
        operation: "GetTokens(2016)",
        kind: "error",
        code: "USER_NOT_EXIST",
        status: 404,
        message: "user is not exist",
      },
    },
    {
      title: "The image is a host without a repository",
      made: "`registry.cn-hangzhou.aliyuncs.com` instead of `registry.cn-hangzhou.aliyuncs.com/apps/web`.",
      image: "registry.cn-hangzhou.aliyuncs.com",
    },
    {
      title: "The image has a scheme",
      made: "`https://corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web`.",
      image: "https://corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web",
    },
    {
      title: "Nothing tells the region of a custom domain",
      made: "An entry with `domains` and without `regionId`, no `defaultRegion`, and a node that is not on ECS.",
      config: { registries: [{ instanceId: instanceCorp, domains: ["images.example.com"] }] },
      image: "images.example.com/apps/web",
      fault: { operation: "MetadataToken", kind: "hang" },
    },
  ],
};
