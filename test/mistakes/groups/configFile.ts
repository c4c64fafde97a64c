import { chmodSync } from "node:fs";
import { keyA } from "../../cloud/defaultWorld.ts";
import { writeNodeFile } from "../../identity/support/files.ts";
import type { Mistake, MistakeGroup } from "../mistake.ts";

const HEAD = "apiVersion: aliyun-acr-credential-provider/v1\nkind: ProviderConfig\n";

/** A config file with these lines below its head. */
const lines = (title: string, made: string, yaml: string): Mistake => ({
  title,
  made,
  text: `${HEAD}${yaml}`,
});

/** An exported `acr-configuration` ConfigMap with these data. */
const configMap = (data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: acr-configuration, namespace: kube-system}\ndata:\n${data}`;
const INSTANCE =
  '  acr-registry-info: |-\n    - instanceId: "cri-corp000000000000"\n      regionId: "cn-hangzhou"\n      domains: "corp-registry.cn-hangzhou.cr.aliyuncs.com"\n';

/** What is wrong in the file itself. */
export const configFile: MistakeGroup = {
  title: "The config file",
  mistakes: [
    {
      title: "The config file that was named does not exist",
      made: "`--config /etc/acr.yaml` in `args` of the kubelet's `CredentialProviderConfig`, and no such file.",
      args: ["--config", "/nonexistent/acr.yaml"],
    },
    {
      title: "The config file that the environment names does not exist",
      made: "`ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG=/etc/acr.yaml`, and no such file.",
      args: [],
      env: { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: "/nonexistent/acr.yaml" },
    },
    {
      title: "The file given to config validate does not exist",
      made: "`config validate /nope`.",
      args: ["config", "validate", "/nope"],
    },
    lines("A key is misspelt", "`registrys:`.", "registrys: []\n"),
    lines(
      "A key stands at the wrong level",
      "`instanceId` at the top instead of in an entry of `registries`.",
      "instanceId: cri-corp000000000000\n",
    ),
    lines("A key stands twice", "`network:` in two places.", "network: vpc\nnetwork: public\n"),
    lines(
      "The indentation is made of tabs",
      "A tab before `instanceId`.",
      "registries:\n\t- instanceId: cri-a\n",
    ),
    lines(
      "A line has two colons",
      "`defaultRegion: region: cn-hangzhou`.",
      "defaultRegion: region: cn-hangzhou\n",
    ),
    {
      title: "The file is only the list of instances",
      made: "The value of `acr-registry-info` without the ConfigMap around it.",
      text: "- instanceId: cri-corp000000000000\n  regionId: cn-hangzhou\n",
    },
    {
      title: "apiVersion is that of something else",
      made: "`apiVersion: v1`.",
      text: "apiVersion: v1\nkind: ProviderConfig\nregistries: []\n",
    },
    lines(
      "instanceId is the instance's name",
      "`instanceId: corp`.",
      "registries:\n  - instanceId: corp\n    regionId: cn-hangzhou\n",
    ),
    lines(
      "instanceName without instanceId",
      "An entry with `instanceName` only.",
      "registries:\n  - instanceName: corp\n    regionId: cn-hangzhou\n",
    ),
    lines(
      "The region is the console's name for it",
      "`regionId: China (Hangzhou)`.",
      "registries:\n  - instanceId: cri-corp000000000000\n    regionId: China (Hangzhou)\n",
    ),
    lines(
      "domains has a URL",
      "`domains: [https://images.example.com]`.",
      "registries:\n  - instanceId: cri-corp000000000000\n    domains: [https://images.example.com]\n",
    ),
    lines(
      "domains has a wildcard",
      '`domains: ["*.example.com"]`.',
      'registries:\n  - instanceId: cri-corp000000000000\n    domains: ["*.example.com"]\n',
    ),
    lines(
      "domains is two strings in a row",
      '`domains: "a.example.com","b.example.com"`, as the product\'s documentation shows it.',
      'registries:\n  - instanceId: cri-corp000000000000\n    domains: "a.example.com","b.example.com"\n',
    ),
    lines(
      "Two entries claim one host",
      "The same host in `domains` of two entries.",
      "registries:\n  - {instanceId: cri-a, domains: [images.example.com]}\n  - {instanceId: cri-b, domains: [images.example.com]}\n",
    ),
    lines("A duration has no unit", "`expiringThreshold: 15`.", "expiringThreshold: 15\n"),
    lines("network has another word", "`network: internal`.", "network: internal\n"),
    lines(
      "The time limit is longer than the kubelet's",
      "`timeouts: {total: 90s}`.",
      "timeouts: {total: 90s}\n",
    ),
    lines(
      "An endpoint is plain HTTP",
      "`endpoints: {acr: http://cr.cn-hangzhou.aliyuncs.com}`.",
      "endpoints: {acr: http://cr.cn-hangzhou.aliyuncs.com}\n",
    ),
    lines("A path is relative", "`cache: {directory: cache}`.", "cache: {directory: cache}\n"),
    lines("The source of the identity is misspelt", "`source: ramRole`.", "identity: {source: ramRole}\n"),
    lines(
      "A key belongs to another source",
      "`accessKeyId` beside `source: ecsRamRole`.",
      "identity: {source: ecsRamRole, accessKeyId: LTAIexampleA}\n",
    ),
    lines(
      "roleArn is only the role's name",
      "`roleArn: role-acr`.",
      "identity: {source: ecsRamRole, assumeRoles: [{roleArn: role-acr}]}\n",
    ),
    lines(
      "The OIDC provider is missing",
      "`source: serviceAccountToken` with `roleArn` only.",
      "identity: {source: serviceAccountToken, roleArn: 'acs:ram::1609982529000000:role/acr-puller'}\n",
    ),
    {
      title: "A config with a secret can be read by others",
      made: "`accessKeySecret` in the file, and mode 0644.",
      config: { identity: { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret } },
      prepare: (_cloud, node) => {
        chmodSync(node.configFile, 0o644);
        return undefined;
      },
    },
    {
      title: "A ConfigMap without watch-namespace admits the namespace default only",
      made: "An `acr-configuration` ConfigMap as config, no `watch-namespace`, and a pod of the namespace `apps`.",
      text: configMap(INSTANCE),
      pod: {},
    },
    {
      title: "A ConfigMap restricts who may pull, and the kubelet does not say who does",
      made: "An `acr-configuration` ConfigMap as config, and no `tokenAttributes` in the kubelet's `CredentialProviderConfig`.",
      text: configMap(INSTANCE),
    },
    {
      title: "The ConfigMap's list of instances is not YAML",
      made: "`acr-registry-info` with an indentation that was lost.",
      text: configMap(
        '  acr-registry-info: |-\n    - instanceId: "cri-corp000000000000"\n    regionId: "cn-hangzhou"\n',
      ),
    },
    {
      title: "A key of the ConfigMap is misspelt",
      made: "`acr-registry-infos`.",
      text: configMap(INSTANCE.replace("acr-registry-info", "acr-registry-infos")),
    },
    {
      title: "A ConfigMap to import does not exist",
      made: "`config import acr-configuration.yaml` in another directory.",
      args: ["config", "import", "acr-configuration.yaml"],
    },
    {
      title: "A native config is imported",
      made: "`config import config.yaml`, which is a `ProviderConfig` already.",
      args: ["config", "import", "FILE"],
    },
    {
      title: "The config file is a directory",
      made: "`--config /etc/aliyun-acr-credential-provider/conf.d`.",
      prepare: (_cloud, node) => {
        writeNodeFile(node, "conf.d/config.yaml", "");
        return { args: ["--config", `${node.directory}/conf.d`] };
      },
    },
  ],
};
