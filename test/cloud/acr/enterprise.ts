import { BusinessError, invalidParameter } from "../gateway/apiError.ts";
import { type Answer, authorize, type Call, required } from "../gateway/call.ts";
import type { EnterpriseInstance } from "../model/world.ts";

/** ACR `2018-12-01`; names and types of the fields as in the official SDK's models (facts 3.1). */
export const enterpriseOperations = {
  GetAuthorizationToken,
  ListInstance,
  ListInstanceEndpoint,
  GetInstance,
};

const success = { Code: "success", IsSuccess: true };

function GetAuthorizationToken(call: Call): Answer {
  const instanceId = required(call, "InstanceId");
  const caller = authorize(call, "cr:GetAuthorizationToken");
  const { accountId, regionId, status } = ownInstance(call, instanceId);
  if (status !== "RUNNING") throw new BusinessError("INSTANCE_STATUS_NOT_RUNNING", `instance is ${status}`);
  const token = call.state.registryTokens.issue(caller, {
    edition: "enterprise",
    accountId,
    instanceId,
    regionId,
  });
  return {
    ...success,
    AuthorizationToken: token.password,
    TempUsername: token.username,
    ExpireTime: Math.floor(token.expiresAt),
  };
}

function ListInstance(call: Call): Answer {
  authorize(call, "cr:ListInstance");
  const { InstanceStatus, InstanceName } = call.parameters;
  // InstanceName is deprecated (cr-20181201 v3), and docker-credential-acr-helper compares the names of what it finds.
  const found = visibleInstances(call).filter(
    ({ status, instanceName }) =>
      (!InstanceStatus || status === InstanceStatus) &&
      (!InstanceName || instanceName.includes(InstanceName)),
  );
  const page = positiveInteger(call, "PageNo", 1);
  const size = Math.min(positiveInteger(call, "PageSize", 30), 100);
  return {
    ...success,
    PageNo: page,
    PageSize: size,
    TotalCount: found.length,
    Instances: found.slice((page - 1) * size, page * size).map((instance) => ({
      ...describe(instance),
      CreateTime: "1571242083000",
      ModifiedTime: "1571242083000",
      InstanceIssue: "",
      ResourceGroupId: "rg-acfmw4lo6enrk4q",
      Tags: [],
    })),
  };
}

function ListInstanceEndpoint(call: Call): Answer {
  const instanceId = required(call, "InstanceId");
  authorize(call, "cr:ListInstanceEndpoint");
  const { endpoints } = ownInstance(call, instanceId);
  const isSummary = call.parameters.Summary === "true";
  return {
    ...success,
    Endpoints: endpoints.map(({ endpointType, enable, domains, aclEnable, aclEntries }) => ({
      EndpointType: endpointType,
      Enable: enable,
      Status: "RUNNING",
      ...(isSummary
        ? {}
        : {
            AclEnable: aclEnable ?? true,
            AclEntries: (aclEntries ?? ["192.168.0.0/16"]).map((Entry) => ({ Entry })),
          }),
      LinkedVpcs: endpointType === "vpc" ? [{ VpcId: "vpc-example" }] : [],
      Domains: domains.map(({ domain, type }) => ({ Domain: domain, Type: type })),
    })),
  };
}

function GetInstance(call: Call): Answer {
  const instanceId = required(call, "InstanceId");
  authorize(call, "cr:GetInstance");
  const instance = ownInstance(call, instanceId);
  return { ...success, ...describe(instance), CreateTime: 1571242083000, ModifiedTime: 1571242083000 };
}

function describe({ instanceId, instanceName, status, regionId }: EnterpriseInstance): Answer {
  return {
    InstanceId: instanceId,
    InstanceName: instanceName,
    InstanceStatus: status,
    InstanceSpecification: "Enterprise_Advanced",
    RegionId: regionId,
  };
}

/** Another account's instance, or one of another region, does not exist for the caller. */
function ownInstance(call: Call, instanceId: string): EnterpriseInstance {
  const instance = visibleInstances(call).find((candidate) => candidate.instanceId === instanceId);
  if (!instance) throw new BusinessError("INSTANCE_NOT_EXIST", "instance is not exist");
  call.record.regionId = instance.regionId;
  return instance;
}

function visibleInstances({ state, caller, regionId }: Call): EnterpriseInstance[] {
  return state.world.instances.filter(
    (instance) => instance.accountId === caller?.accountId && (!regionId || instance.regionId === regionId),
  );
}

function positiveInteger(call: Call, name: string, standard: number): number {
  const text = call.parameters[name] ?? String(standard);
  if (!/^[1-9]\d{0,5}$/.test(text)) throw invalidParameter(name, "A positive integer is wanted.");
  return Number(text);
}
