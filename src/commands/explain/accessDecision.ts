import { checkAccess } from "../../access/rules.ts";
import { restrictsAccess } from "../../config/config.ts";
import { Failure } from "../../failure/failure.ts";
import type { Pull } from "../../plugin/provide.ts";
import type { Run } from "../../run/run.ts";

/** Whether `access` lets the pod pull, and by which rule. */
export function accessDecision({ config }: Run, { serviceAccount }: Pull): string {
  if (!restrictsAccess(config)) return "allowed: every pod may pull";
  const { namespaces, serviceAccounts } = config.access;
  const rule = `namespaces ${namespaces.join(", ")}; service accounts ${serviceAccounts.join(", ")}`;
  const who =
    serviceAccount === undefined
      ? "no service account was sent"
      : `${serviceAccount.namespace}/${serviceAccount.name}`;
  return `${isAdmitted(config, serviceAccount) ? "allowed" : "refused"}: restricted to ${rule} (${who})`;
}

function isAdmitted(config: Run["config"], serviceAccount: Pull["serviceAccount"]): boolean {
  try {
    checkAccess(config, serviceAccount);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** Which annotations were given, and whether they count. */
export function annotationsOf({ config }: Run, { serviceAccount }: Pull): { annotations?: string } {
  const names = Object.keys(serviceAccount?.annotations ?? {});
  if (names.length === 0) return {};
  const { enabled } = config.serviceAccountAnnotations;
  return {
    annotations: `${names.join(", ")}${enabled ? "" : " (ignored: serviceAccountAnnotations.enabled is false)"}`,
  };
}
