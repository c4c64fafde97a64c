import type { Outcome, Pull } from "../../plugin/provide.ts";

/**
 * The command that makes the service account's token, where a pull ended for want of it; undefined where it did not. The
 * kubelet would have sent one: only `explain` knows a service account by its name alone.
 */
export function tokenCommand(outcome: Outcome, { serviceAccount }: Pull): string | undefined {
  if (outcome.kind !== "failed" || outcome.failure.code !== "ServiceAccountTokenMissing") return undefined;
  if (serviceAccount?.token !== undefined) return undefined;
  const { name = "NAME", namespace = "NAMESPACE" } = serviceAccount ?? {};
  return `kubectl create token ${name} -n ${namespace} --audience sts.aliyuncs.com > FILE`;
}
