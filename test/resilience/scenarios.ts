import { writeFileSync } from "node:fs";
import type { Cloud } from "../cloud/cloud.ts";
import { instanceCorp, oidcProvider, roleAnyPod, roleAssume } from "../cloud/defaultWorld.ts";
import type { Operation } from "../cloud/gateway/operations.ts";
import { type TestNode, testNode } from "../support/node.ts";
import { accessKey, corpEntry, IMAGE } from "./nodes.ts";

/** A pull that needs an operation. */
export interface Scenario {
  readonly image: string;
  /** The node's config beside the ways to the cloud. */
  config(cloud: Cloud, directory: string): Record<string, unknown>;
}

const corp = { registries: [corpEntry] };
const nodeRole: Scenario = {
  image: IMAGE,
  config: () => ({ ...corp, identity: { source: "ecsRamRole" } }),
};

/** For each upstream operation, a pull that fails without it when nothing is cached. */
export const scenarios = {
  GetAuthorizationToken: { image: IMAGE, config: () => ({ ...corp, identity: accessKey }) },
  "GetTokens(2016)": {
    image: "registry.cn-hangzhou.aliyuncs.com/apps/web",
    config: () => ({ identity: accessKey }),
  },
  ListInstance: { image: IMAGE, config: () => ({ identity: accessKey }) },
  ListInstanceEndpoint: {
    image: IMAGE,
    config: () => ({
      registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }],
      discovery: "never",
      identity: accessKey,
    }),
  },
  AssumeRole: {
    image: IMAGE,
    config: () => ({ ...corp, identity: { ...accessKey, assumeRoles: [{ roleArn: roleAssume }] } }),
  },
  AssumeRoleWithOIDC: {
    image: IMAGE,
    config: (cloud, directory) => {
      const path = `${directory}/oidc-token`;
      const token = cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" });
      writeFileSync(path, token, { mode: 0o600 });
      const role = { roleArn: roleAnyPod, oidcProviderArn: oidcProvider };
      return { ...corp, identity: { source: "oidcTokenFile", path, ...role } };
    },
  },
  MetadataToken: nodeRole,
  MetadataRole: nodeRole,
  MetadataRoleCredentials: nodeRole,
  MetadataRegion: {
    image: "images.example.com/apps/web",
    config: () => ({
      registries: [{ instanceId: instanceCorp, domains: ["images.example.com"] }],
      identity: accessKey,
    }),
  },
  CredentialsUri: {
    image: IMAGE,
    config: (cloud) => ({
      ...corp,
      identity: { source: "credentialsUri", uri: cloud.endpoints.credentialsUri },
    }),
  },
} as const satisfies Partial<Record<Operation, Scenario>>;

export type UpstreamOperation = keyof typeof scenarios;

/** A node on which the scenario's pull works as long as the cloud does. */
export function scenarioNode(
  cloud: Cloud,
  operation: UpstreamOperation,
  settings: Record<string, unknown> = {},
): TestNode {
  const node = testNode(cloud);
  const scenario: Scenario = scenarios[operation];
  node.configure({ ...scenario.config(cloud, node.directory), ...settings });
  return node;
}
