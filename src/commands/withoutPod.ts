import { type Failure, restate } from "../failure/failure.ts";

/** What is wrong, by the code of the failure, where only a pod could get a token. */
const causes: Readonly<Record<string, string>> = {
  ServiceAccountTokenMissing: "identity serviceAccountToken needs the token of a pod's service account",
  AccessDeniedNoToken: "access restricts who may pull to certain pods",
};

/** Whether it failed because no pod asked. */
export function needsPod({ code }: Failure): boolean {
  return Object.hasOwn(causes, code);
}

/** The failure in words for a command that no pod is behind; the pull's own speak of the kubelet. */
export function withoutPod(failure: Failure, command: string): Failure {
  if (!needsPod(failure)) return failure;
  return restate(failure, {
    message: `${causes[failure.code]}, and no pod is behind ${command}`,
    remedy:
      "give it a config of its own whose identity needs no pod and that has no access rules " +
      "(--config FILE, or $ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG)",
  });
}
