import type { ServiceAccountTokenSource } from "../config/config.ts";
import { Failure } from "../failure/failure.ts";
import type { Identity, IdentityContext, IdentitySetting } from "./identity.ts";
import { ROLE_NAME_ANNOTATION } from "./serviceAccount.ts";
import { fromWebIdentity } from "./webIdentity.ts";

/**
 * The role that the pod's own service account may assume with the token that the kubelet sent.
 * @throws Failure `ServiceAccountTokenMissing` when it sent none, `ServiceAccountRoleMissing` when nothing names a role:
 * the config may leave that to the service account's annotation.
 */
export function fromServiceAccountToken(
  setting: IdentitySetting,
  { roleArn, oidcProviderArn }: ServiceAccountTokenSource,
  context: IdentityContext,
): Identity {
  const { serviceAccount } = context;
  if (serviceAccount === undefined) throw tokenMissing("the kubelet sent no service account token");
  const { namespace, name, subject, token } = serviceAccount;
  if (roleArn === undefined) throw roleMissing(namespace, name);
  setting.secrets.add(token?.raw);
  return fromWebIdentity(
    setting,
    {
      source: "serviceAccountToken",
      holder: [`${namespace}/${name}`, token?.issuer ?? "", subject, token?.audience.join(" ") ?? ""],
      roleArn,
      oidcProviderArn,
      token: () => {
        if (token === undefined) throw tokenUnknown(namespace, name);
        return token.raw;
      },
    },
    context,
  );
}

function roleMissing(namespace: string, name: string): Failure {
  const annotation = ROLE_NAME_ANNOTATION;
  return new Failure(
    `identity serviceAccountToken: the kubelet sent no annotation ${annotation} of the service account ${namespace}/${name}, and the config has no roleArn`,
    {
      code: "ServiceAccountRoleMissing",
      refused: true,
      remedy: `run "kubectl annotate serviceaccount ${name} -n ${namespace} ${annotation}=ROLE"; if it has the annotation, name that in requiredServiceAccountAnnotationKeys of the kubelet's CredentialProviderConfig`,
    },
  );
}

/** Only `explain` knows a service account by its name alone. */
function tokenUnknown(namespace: string, name: string): Failure {
  return new Failure(`identity serviceAccountToken: the token of ${namespace}/${name} is not known`, {
    code: "ServiceAccountTokenMissing",
    remedy: `run "kubectl create token ${name} -n ${namespace} --audience sts.aliyuncs.com > FILE", and give it with --token-file FILE`,
  });
}

function tokenMissing(why: string): Failure {
  return new Failure(`identity serviceAccountToken: ${why}`, {
    code: "ServiceAccountTokenMissing",
    remedy:
      "add tokenAttributes (serviceAccountTokenAudience: sts.aliyuncs.com, cacheType: ServiceAccount, requireServiceAccount: true) to this provider in the kubelet's CredentialProviderConfig, with apiVersion credentialprovider.kubelet.k8s.io/v1 (see the command kubelet-config), or set identity.fallback for pods without a service account",
  });
}
