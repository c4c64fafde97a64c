import { matchesGlob } from "../../text/glob.ts";
import type { FilledConfig } from "../input.ts";
import { restrictsAccess } from "../serviceAccounts.ts";
import type { Sense } from "./sense.ts";

const TOKEN_ATTRIBUTES =
  "tokenAttributes in the kubelet's CredentialProviderConfig (Kubernetes 1.34, or 1.33 with its feature gate)";

/** What a config with rules on service accounts needs from the kubelet, and globs that allow everything. */
export function senseServiceAccounts(input: FilledConfig, sense: Sense): void {
  senseAccess(input, sense);
  if (!sense.sound(["serviceAccountAnnotations"])) return;
  const { enabled, allowedRoleArns } = input.serviceAccountAnnotations;
  if (enabled) {
    sense.warn(["serviceAccountAnnotations"], `needs ${TOKEN_ATTRIBUTES}, with the annotation keys in it`);
  } else if (allowedRoleArns.length > 0) {
    sense.warn(["serviceAccountAnnotations", "allowedRoleArns"], "has no effect unless enabled: true");
  }
  allowedRoleArns.forEach((glob, index) => {
    if (!allowsEveryRole(glob)) return;
    sense.warn(
      ["serviceAccountAnnotations", "allowedRoleArns", index],
      "allows every role: whoever may write a service account can use any role that the node can assume",
    );
  });
}

function senseAccess(input: FilledConfig, sense: Sense): void {
  if (!sense.sound(["access"])) return;
  if (!restrictsAccess(input)) return;
  sense.warn(
    ["access"],
    `restricts who may pull, which needs ${TOKEN_ATTRIBUTES}; without a token every pull is refused`,
  );
}

/** Role ARNs that have nothing in common but their form. */
const strangers = ["acs:ram::1:role/a", "acs:ram::9876543210:role/Some.Other_Role-0"];

function allowsEveryRole(glob: string): boolean {
  return strangers.every((arn) => matchesGlob(glob, arn));
}
