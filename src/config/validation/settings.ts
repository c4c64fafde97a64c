import { matchesGlob } from "../../text/glob.ts";
import { restrictsAccess } from "../config.ts";
import type { FilledConfig } from "../effectiveConfig.ts";
import type { Findings } from "../problem.ts";
import { parseDuration, parseEndpoint } from "../values.ts";

/** The kubelet kills a plugin after 60 s (k8s.io/kubernetes/pkg/credentialprovider/plugin); 5 s are for its own start and end. */
const MAX_TOTAL_MS = 55_000;

/** ACR tokens live an hour, and are never renewed before half of it. */
const HALF_A_TOKEN_MS = 30 * 60_000;

/** Durations that cannot work, or that have another effect than they seem to have. */
export function checkTimes({ expiringThreshold, timeouts }: FilledConfig, findings: Findings): void {
  if (findings.passesSchema(["expiringThreshold"])) {
    const threshold = parseDuration(expiringThreshold) ?? 0;
    if (threshold <= 0) findings.error(["expiringThreshold"], "must be more than 0s");
    if (threshold > HALF_A_TOKEN_MS) {
      findings.warn(
        ["expiringThreshold"],
        "acts as 30m: a token is never renewed before half of its hour is over",
      );
    }
  }
  if (!findings.passesSchema(["timeouts"])) return;
  const [total, request] = [parseDuration(timeouts.total) ?? 0, parseDuration(timeouts.request) ?? 0];
  if (total <= 0) findings.error(["timeouts", "total"], "must be more than 0s");
  if (total > MAX_TOTAL_MS)
    findings.error(["timeouts", "total"], "must be at most 55s: the kubelet kills at 60s");
  if (request <= 0) findings.error(["timeouts", "request"], "must be more than 0s");
  if (request > total) {
    findings.error(["timeouts", "request"], `must be at most timeouts.total, which is ${timeouts.total}`);
  }
}

/** Endpoints that are not `host[:port]` or a URL, or that would be asked in the clear. */
export function checkEndpoints({ endpoints }: FilledConfig, findings: Findings): void {
  if (!findings.passesSchema(["endpoints"])) return;
  for (const service of ["acr", "sts", "metadata"] as const) {
    const text = endpoints[service];
    if (text === undefined) continue;
    const parsed = parseEndpoint(text, service);
    if ("problem" in parsed) findings.error(["endpoints", service], parsed.problem);
  }
}

const TOKEN_ATTRIBUTES =
  "tokenAttributes in the kubelet's CredentialProviderConfig (Kubernetes 1.34, or 1.33 with its feature gate)";

/** What a config with rules on service accounts needs from the kubelet, and globs that allow everything. */
export function checkServiceAccounts(input: FilledConfig, findings: Findings): void {
  checkAccess(input, findings);
  if (!findings.passesSchema(["serviceAccountAnnotations"])) return;
  const { enabled, allowedRoleArns } = input.serviceAccountAnnotations;
  if (enabled) {
    findings.warn(["serviceAccountAnnotations"], `needs ${TOKEN_ATTRIBUTES}, with the annotation keys in it`);
  } else if (allowedRoleArns.length > 0) {
    findings.warn(["serviceAccountAnnotations", "allowedRoleArns"], "has no effect unless enabled: true");
  }
  allowedRoleArns.forEach((glob, index) => {
    if (!allowsEveryRole(glob)) return;
    findings.warn(
      ["serviceAccountAnnotations", "allowedRoleArns", index],
      "allows every role: anyone who may write a service account can use any role that the node can assume",
    );
  });
}

function checkAccess(input: FilledConfig, findings: Findings): void {
  if (!findings.passesSchema(["access"])) return;
  if (!restrictsAccess(input)) return;
  findings.warn(
    ["access"],
    `restricts who may pull, which needs ${TOKEN_ATTRIBUTES}; without a token every pull is refused`,
  );
}

/** ARNs of roles that have nothing in common but their form. */
const unrelatedRoles = ["acs:ram::1:role/a", "acs:ram::9876543210:role/Some.Other_Role-0"];

function allowsEveryRole(glob: string): boolean {
  return unrelatedRoles.every((arn) => matchesGlob(glob, arn));
}
