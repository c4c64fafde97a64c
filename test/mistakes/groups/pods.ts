import type { Cloud } from "../../cloud/cloud.ts";
import { accountA, instanceShared, oidcProvider, rolePodPuller } from "../../cloud/defaultWorld.ts";
import type { MistakeGroup } from "../mistake.ts";

const identity = { source: "serviceAccountToken", roleArn: rolePodPuller, oidcProviderArn: oidcProvider };
const config = { identity };
const pod = {};
const annotated = { serviceAccountAnnotations: { enabled: true } };
const fromAnnotation = {
  identity: { source: "serviceAccountToken", oidcProviderArn: oidcProvider },
  ...annotated,
};

function provider(cloud: Cloud, changes: object): undefined {
  Object.assign(cloud.world.accounts[0]?.oidcProviders[0] ?? {}, changes);
  return undefined;
}

/** Each pod as itself, and who may pull. */
export const pods: MistakeGroup = {
  title: "Pods, service accounts and RRSA",
  mistakes: [
    {
      title: "The kubelet sends no service account token",
      made: "`source: serviceAccountToken`, and no `tokenAttributes` in the kubelet's `CredentialProviderConfig`; or a static pod.",
      config,
    },
    {
      title: "The service account has no annotation, and the config leaves the role to it",
      made: "[Recipe 9](identity.md#9-each-service-account-with-a-role-of-its-own) without the annotation.",
      config: fromAnnotation,
      pod,
    },
    {
      title: "The annotation holds the role's ARN instead of its name",
      made: "`pod-identity.alibabacloud.com/role-name: acs:ram::1609982529000000:role/pod-puller`.",
      config: fromAnnotation,
      pod,
      annotations: { "pod-identity.alibabacloud.com/role-name": rolePodPuller },
    },
    {
      title: "The token is for another audience",
      made: "`serviceAccountTokenAudience: https://kubernetes.default.svc` in the kubelet's config.",
      config,
      pod: { audience: "https://kubernetes.default.svc" },
    },
    {
      title: "The trust policy admits another service account",
      made: "`oidc:sub` names `apps/puller`, and the pod's service account is `apps/web`.",
      config,
      pod: { serviceAccount: "web" },
    },
    {
      title: "The OIDC provider is not registered in RAM",
      made: "`oidcProviderArn` is misspelt.",
      config: { identity: { ...identity, oidcProviderArn: `${oidcProvider}s` } },
      pod,
    },
    {
      title: "The cluster's issuer is another one than the provider's",
      made: "`--service-account-issuer` of the API server was changed, or the provider is another cluster's.",
      config,
      pod: { issuer: "https://kubernetes.default.svc.cluster.local" },
    },
    {
      title: "STS cannot read the issuer's keys",
      made: "The issuer's URL is not reachable from the Internet.",
      config,
      pod,
      prepare: (cloud) => provider(cloud, { reachable: false }),
    },
    {
      title: "The issuer's host has a certificate of another authority",
      made: "The certificate was renewed by another authority than the provider's CA thumbprints.",
      config,
      pod,
      prepare: (cloud) => provider(cloud, { fingerprintMatches: false }),
    },
    {
      title: "The token was issued longer ago than the provider allows",
      made: "A token that is 13 hours old, with the provider's default of 12.",
      config,
      pod: { issuedSecondsAgo: 13 * 3600 },
    },
    {
      title: "The role of the pods does not exist",
      made: "`roleArn` is misspelt.",
      config: { identity: { ...identity, roleArn: `${rolePodPuller}s` } },
      pod,
    },
    {
      title: "The namespace may not pull",
      made: "`access: {namespaces: [prod]}`, and a pod of the namespace `apps`.",
      config: { access: { namespaces: ["prod"] } },
      pod,
    },
    {
      title: "The service account may not pull",
      made: "`access: {serviceAccounts: [builder]}`, and a pod of the service account `apps/puller`.",
      config: { access: { serviceAccounts: ["builder"] } },
      pod,
    },
    {
      title: "The config restricts who may pull, and the kubelet does not say who does",
      made: "`access`, and no `tokenAttributes` in the kubelet's `CredentialProviderConfig`.",
      config: { access: { namespaces: ["apps"] } },
    },
    {
      title: "A service account asks the node for a role that is not allowed",
      made: "The annotation `k8s.aliyun.com/acr-user-arns`, and a role that is not in `allowedRoleArns`.",
      config: annotated,
      pod,
      annotations: { "k8s.aliyun.com/acr-user-arns": `acs:ram::${accountA}:role/admin` },
    },
    {
      title: "The annotation of instances is malformed",
      made: "`k8s.aliyun.com/acr-instance-ids: cri-a;cri-b`.",
      config: { ...annotated, registries: [] },
      pod,
      annotations: { "k8s.aliyun.com/acr-instance-ids": "cri-a;cri-b" },
    },
    {
      title: "The annotated instance is of another account",
      made: "`k8s.aliyun.com/acr-instance-ids` names it, and no annotation names a role of that account.",
      config: { ...annotated, registries: [] },
      pod,
      annotations: { "k8s.aliyun.com/acr-instance-ids": `cn-hangzhou:${instanceShared}` },
      image: "shared.example.com/apps/web",
    },
  ],
};
