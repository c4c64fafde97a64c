import { type Failure, restate } from "../failure/failure.ts";

/** What is wrong, by the code of the failure, where only a pod could get a token. */
const causes: Readonly<Record<string, string>> = {
  ServiceAccountTokenMissing: "identity serviceAccountToken needs the token of a pod's service account",
  AccessDeniedNoToken: "access restricts who may pull to certain pods",
};

/** Why only a pod could get the token, where that is what failed. */
export function whyPod({ code }: Failure): string | undefined {
  return Object.hasOwn(causes, code) ? causes[code] : undefined;
}

const remedies = {
  "docker-credential":
    "give it a config of its own whose identity needs no pod and that has no access rules " +
    "(--config FILE, or $ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG)",
  prefetch: "leave it out: the token is asked for when the kubelet pulls",
} as const;

/** The failure in words for a command that no pod is behind; the pull's own speak of the kubelet. */
export function withoutPod(failure: Failure, command: keyof typeof remedies): Failure {
  const why = whyPod(failure);
  if (why === undefined) return failure;
  return restate(failure, {
    message: `${why}, and no pod is behind ${command}`,
    remedy: remedies[command],
  });
}
