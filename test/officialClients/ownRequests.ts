import { chmodSync, writeFileSync } from "node:fs";
import type { Cloud } from "../cloud/cloud.ts";
import {
  externalId,
  instanceCorp,
  instanceShared,
  keyA,
  oidcProvider,
  roleAcrExternal,
  rolePodPuller,
} from "../cloud/defaultWorld.ts";
import type { Operation } from "../cloud/gateway/operations.ts";
import { testNode } from "../support/node.ts";
import { type RequestFields, requestFields } from "./requestFields.ts";

/** What the plugin and the official clients are told alike. */
export const wanted = {
  sessionName: "officialClients",
  externalId,
  policy: JSON.stringify({
    Version: "1",
    Statement: [{ Effect: "Allow", Action: "cr:*", Resource: "*" }],
  }),
  oidcProvider,
  podRole: rolePodPuller,
  role: roleAcrExternal,
};

const user = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const { sessionName, policy } = wanted;
const role = { roleArn: wanted.role, sessionName, externalId, policy };
const regionId = "cn-hangzhou";

type Pull = readonly [image: string, config: (tokenFile: string) => Record<string, unknown>];

/** A pull that makes the executable call the operation, after others perhaps. */
const pulls: Partial<Record<Operation, Pull>> = {
  "GetTokens(2016)": ["registry.cn-hangzhou.aliyuncs.com/apps/web", () => ({ identity: user })],
  ListInstance: ["corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web", () => ({ identity: user })],
  ListInstanceEndpoint: [
    "images.example.com/apps/web",
    () => ({ identity: user, registries: [{ instanceId: instanceCorp, regionId }] }),
  ],
  AssumeRole: [
    "shared-registry.cn-hangzhou.cr.aliyuncs.com/apps/web",
    () => ({
      identity: { ...user, assumeRoles: [role] },
      registries: [{ instanceId: instanceShared, instanceName: "shared", regionId }],
    }),
  ],
  AssumeRoleWithOIDC: [
    "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web",
    (path) => ({
      identity: {
        source: "oidcTokenFile",
        path,
        roleArn: wanted.podRole,
        oidcProviderArn: wanted.oidcProvider,
      },
      registries: [{ instanceId: instanceCorp, instanceName: "corp", regionId }],
    }),
  ],
};

/** What the built executable sends for each operation, and that it gets what it asks for. */
export async function ownRequests(cloud: Cloud): Promise<ReadonlyMap<string, RequestFields>> {
  const found = new Map<string, RequestFields>();
  for (const [operation, [image, config]] of Object.entries(pulls)) {
    cloud.reset();
    const node = testNode(cloud);
    const tokenFile = writeToken(cloud, node.directory);
    node.configure(config(tokenFile));
    const env = { ALIBABA_CLOUD_ROLE_SESSION_NAME: sessionName };
    const { status, stderr } = await node.pull(image, { env });
    node.remove();
    if (status !== 0) throw new Error(`${operation}: ${stderr}`);
    if (cloud.violations.length > 0) throw new Error(cloud.violations.join("; "));
    for (const name of [operation, "GetAuthorizationToken"] as Operation[]) {
      const [record] = cloud.calls(name);
      if (record !== undefined && (name === operation || operation === "AssumeRole")) {
        found.set(name, requestFields(record));
      }
    }
  }
  return found;
}

/** A token of the service account that may assume `wanted.podRole`, in a file of the directory. */
export function writeToken(cloud: Cloud, directory: string): string {
  const file = `${directory}/token`;
  writeFileSync(file, cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" }));
  chmodSync(file, 0o600);
  return file;
}
