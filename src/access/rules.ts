import { type ProviderConfig, restrictsAccess } from "../config/config.ts";
import { Failure } from "../failure/failure.ts";
import type { ServiceAccount } from "../identity/serviceAccount.ts";

/**
 * Whether the config lets this pod pull: its namespace must be among `namespaces`, and its service account, as NAME
 * or NAMESPACE/NAME, among `serviceAccounts`; `*` stands for all.
 * @throws Failure `AccessDenied…` (`refused`) with the reason when it does not.
 */
export function checkAccess(config: ProviderConfig, serviceAccount: ServiceAccount | undefined): void {
  if (!restrictsAccess(config)) return;
  if (serviceAccount === undefined) throw withoutToken();
  const { namespace, name } = serviceAccount;
  const { namespaces, serviceAccounts } = config.access;
  if (!namespaces.some((entry) => entry === "*" || entry === namespace)) {
    throw denied("AccessDeniedNamespace", `namespace ${namespace}`, "access.namespaces", "watch-namespace");
  }
  if (!serviceAccounts.some((entry) => admits(entry, namespace, name))) {
    throw denied(
      "AccessDeniedServiceAccount",
      `service account ${namespace}/${name}`,
      "access.serviceAccounts",
      "service-account",
    );
  }
}

function admits(entry: string, namespace: string, name: string): boolean {
  const slash = entry.indexOf("/");
  const [inNamespace, named] = slash < 0 ? ["*", entry] : [entry.slice(0, slash), entry.slice(slash + 1)];
  return (inNamespace === "*" || inNamespace === namespace) && (named === "*" || named === name);
}

function withoutToken(): Failure {
  return new Failure("access restricts who may pull, and the kubelet sent no service account token", {
    code: "AccessDeniedNoToken",
    refused: true,
    remedy:
      'add tokenAttributes (with requireServiceAccount) to this provider in the kubelet\'s CredentialProviderConfig (see the command kubelet-config), or let every pod pull: remove access from the config (in an acr-configuration, set watch-namespace: all and service-account: "*")',
  });
}

/** `helpers`: what an acr-configuration has for the list. */
function denied(code: string, who: string, list: string, helpers: string): Failure {
  return new Failure(`${who} may not pull: it is not in ${list}`, {
    code,
    refused: true,
    remedy: `add it to ${list} (in an acr-configuration: ${helpers}) if it should`,
  });
}
