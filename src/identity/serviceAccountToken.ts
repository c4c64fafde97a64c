import type { IdentityConfig } from "../config/config.ts";
import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import type { IdentityContext } from "./context.ts";
import type { Identity } from "./identity.ts";
import { fromWebIdentity } from "./webIdentity.ts";

/**
 * The role that the pod's own service account may assume with the token that the kubelet sent.
 * @throws Failure `ServiceAccountTokenMissing` when it sent none.
 */
export function fromServiceAccountToken(
  run: Run,
  config: IdentityConfig,
  context: IdentityContext,
): Identity {
  const { serviceAccount } = context;
  if (serviceAccount === undefined) {
    throw new Failure("identity serviceAccountToken: the kubelet sent no service account token", {
      code: "ServiceAccountTokenMissing",
      remedy:
        "add tokenAttributes (serviceAccountTokenAudience: sts.aliyuncs.com, cacheType: ServiceAccount, requireServiceAccount: true) to this provider in the kubelet's CredentialProviderConfig, with apiVersion credentialprovider.kubelet.k8s.io/v1 (see the command kubelet-config), or set identity.fallback for pods without a service account",
    });
  }
  const { namespace, name, issuer, subject, audience, token } = serviceAccount;
  run.secrets.add(token);
  return fromWebIdentity(
    run,
    {
      source: "serviceAccountToken",
      holder: [`${namespace}/${name}`, issuer, subject, audience.join(" ")],
      roleArn: config.roleArn,
      oidcProviderArn: config.oidcProviderArn,
      token: () => token,
    },
    context,
  );
}
