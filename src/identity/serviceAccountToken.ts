import type { ServiceAccountTokenSource } from "../config/config.ts";
import { Failure } from "../failure/failure.ts";
import type { Identity, IdentityContext, IdentitySetting } from "./identity.ts";
import { fromWebIdentity } from "./webIdentity.ts";

/**
 * The role that the pod's own service account may assume with the token that the kubelet sent.
 * @throws Failure `ServiceAccountTokenMissing` when it sent none, `ConfigInvalid` when nothing names a role.
 */
export function fromServiceAccountToken(
  setting: IdentitySetting,
  { roleArn, oidcProviderArn }: ServiceAccountTokenSource,
  context: IdentityContext,
): Identity {
  const { serviceAccount } = context;
  if (serviceAccount === undefined) throw tokenMissing("the kubelet sent no service account token");
  if (roleArn === undefined) {
    throw new Failure("identity serviceAccountToken: roleArn and oidcProviderArn are needed", {
      code: "ConfigInvalid",
      remedy: "set identity.roleArn and identity.oidcProviderArn",
      exitStatus: 2,
    });
  }
  const { namespace, name, subject, token } = serviceAccount;
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
