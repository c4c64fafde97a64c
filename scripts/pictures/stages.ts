import { type Cloud, startCloud } from "../../test/cloud/cloud.ts";
import { accountA, instanceCorp, nodeRoleName } from "../../test/cloud/defaultWorld.ts";
import { roleArn } from "../../test/cloud/model/arn.ts";
import {
  credentialProviderConfig,
  kubeadmNode,
  provider,
  providerConfig,
} from "../../test/doctor/support/nodes.ts";
import {
  credentialConfig,
  doctorCommand,
  pluginConfig,
  removePrepared,
} from "../../test/doctor/support/simulatedKubelet.ts";
import { executable } from "../../test/support/executable.ts";
import { testNode } from "../../test/support/node.ts";
import { startTestRegistry } from "../../test/support/registry.ts";

const PROGRAM = "aliyun-acr-credential-provider";

/** Where a command is run to be drawn. */
export interface Stage {
  /** What is run, and what the picture says was typed. */
  readonly command: readonly string[];
  readonly typed: string;
  readonly env: Readonly<Record<string, string>>;
  /** What only this machine or this run has, and what it stands in for. */
  readonly standIns: readonly (readonly [string, string])[];
  remove(): Promise<void>;
}

/** `explain` on a node whose role may not ask for tokens. */
export async function explainStage(): Promise<Stage> {
  const cloud = await startCloud();
  const node = testNode(cloud);
  cloud.revoke({ arn: roleArn(accountA, nodeRoleName), action: "cr:GetAuthorizationToken" });
  const args = ["explain", "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web", "--fetch"];
  return {
    command: [executable, ...args],
    typed: `${PROGRAM} ${args.join(" ")}`,
    env: { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: node.configFile },
    standIns: [
      ...ofCloud(cloud),
      [node.configFile, `/etc/${PROGRAM}/config.yaml`],
      [node.cacheDirectory, `/run/${PROGRAM}`],
      [node.logFile, `/var/log/${PROGRAM}.log`],
      [executable, `/usr/local/lib/credential-providers/${PROGRAM}`],
    ],
    async remove() {
      node.remove();
      await cloud.stop();
    },
  };
}

/** `doctor` on a kubeadm node whose role gets tokens that open nothing. Needs root, for the node's namespaces. */
export async function doctorStage(): Promise<Stage> {
  const cloud = await startCloud();
  const registry = await startTestRegistry(cloud);
  const corp = cloud.world.instances.find(({ instanceId }) => instanceId === instanceCorp);
  const internet = corp?.endpoints.find(({ endpointType }) => endpointType === "internet");
  internet?.domains.splice(1, internet.domains.length, { domain: registry.host, type: "USER" });
  if (internet !== undefined) internet.aclEnable = false;
  cloud.revoke({ arn: roleArn(accountA, nodeRoleName), action: "cr:PullRepository" });
  const { acr, sts, metadata } = cloud.endpoints;
  const node = kubeadmNode({
    sharesNetwork: true,
    files: {
      [credentialConfig]: credentialProviderConfig(provider({ matchImages: [registry.host] })),
      [pluginConfig]: providerConfig({
        registries: [{ instanceId: instanceCorp, domains: [registry.host] }],
        defaultRegion: "cn-hangzhou",
        endpoints: { acr, sts, metadata },
        tls: { caFile: cloud.caFile },
      }),
    },
    shell: { TERM: "xterm-256color" },
    args: ["--output", "text", `${registry.host}/team/web:1`],
  });
  const { command, remove } = doctorCommand(node);
  return {
    command,
    typed: `${PROGRAM} doctor images.example.com/team/web:1`,
    env: { PATH: process.env.PATH ?? "" },
    standIns: [
      [registry.host, "images.example.com"],
      [new URL(registry.realm).host, "dockerauth-ee.cn-hangzhou.aliyuncs.com"],
      ...ofCloud(cloud),
      ["127.0.0.1:10250", "localhost:10250"],
    ],
    async remove() {
      remove();
      removePrepared();
      await registry.close();
      await cloud.stop();
    },
  };
}

function ofCloud({ endpoints }: Cloud): (readonly [string, string])[] {
  const urls = [
    [endpoints.acr, "https://cr.cn-hangzhou.aliyuncs.com"],
    [endpoints.sts, "https://sts.cn-hangzhou.aliyuncs.com"],
    [endpoints.metadata, "http://100.100.100.200"],
  ] as const;
  return [...urls, ...urls.map(([from, to]) => [new URL(from).host, new URL(to).host] as const)];
}
