import { kubeletRequest } from "../../support/request.ts";
import { CORP, type MistakeGroup } from "../mistake.ts";

const request = JSON.parse(kubeletRequest(`${CORP}/apps/web`)) as Record<string, unknown>;
const changed = (changes: object) => JSON.stringify({ ...request, ...changes });

/** How the executable is called, by the kubelet and by hand. */
export const commandLine: MistakeGroup = {
  title: "Arguments and requests",
  mistakes: [
    {
      title: "A flag is misspelt",
      made: "`--confg FILE` in `args` of the kubelet's config.",
      args: ["--confg", "FILE"],
    },
    { title: "A flag has no value", made: "`--config` as the last argument.", args: ["--config"] },
    {
      title: "The log level is not one",
      made: "`--log-level debug`.",
      args: ["--log-level", "debug"],
    },
    { title: "A command is misspelt", made: "`explian IMAGE`.", args: ["explian", `${CORP}/apps/web`] },
    { title: "Half of a command", made: "`cache`.", args: ["cache"] },
    { title: "explain without an image", made: "`explain`.", args: ["explain"] },
    {
      title: "The executable is run by hand without a request",
      made: "`aliyun-acr-credential-provider < /dev/null`.",
      stdin: "",
    },
    {
      title: "An image is given instead of a request",
      made: "`echo IMAGE | aliyun-acr-credential-provider`.",
      stdin: `${CORP}/apps/web\n`,
    },
    {
      title: "The request is of a version that does not exist",
      made: "`apiVersion: credentialprovider.kubelet.k8s.io/v2` in a request of one's own.",
      stdin: changed({ apiVersion: "credentialprovider.kubelet.k8s.io/v2" }),
    },
    {
      title: "The request is of another kind",
      made: "`kind: CredentialProviderConfig` in a request of one's own.",
      stdin: changed({ kind: "CredentialProviderConfig" }),
    },
    {
      title: "The request has no image",
      made: "A request of one's own without `image`.",
      stdin: changed({ image: undefined }),
    },
    {
      title: "The token is not a service account's",
      made: "`serviceAccountToken: secret` in a request of one's own, and a config with `access`.",
      config: { access: { namespaces: ["apps"] } },
      stdin: changed({ serviceAccountToken: "secret" }),
    },
  ],
};
