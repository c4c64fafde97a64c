import { readFileSync } from "node:fs";
import type { Run } from "../run/run.ts";
import type { IdentityContext, IdentitySetting } from "./identity.ts";

const MAX_LENGTH = 64;
const PROGRAM = "aliyun-acr-credential-provider";

/**
 * The name that a session has in the audit log (ActionTrail): the configured one, else who pulls and on which
 * node, `NAMESPACE.SERVICEACCOUNT@NODE`, as far as it fits. STS admits 2 to 64 letters, digits and `.@-_`.
 */
export function sessionName(run: Run, configured: string | undefined, context: IdentityContext): string {
  if (configured) return valid(configured);
  const { serviceAccount } = context;
  const who = valid(
    serviceAccount === undefined ? PROGRAM : `${serviceAccount.namespace}.${serviceAccount.name}`,
  );
  const node = serviceAccount?.nodeName ?? nodeName(run);
  return node === "" ? who : valid(`${who}@${node}`);
}

/** The name that a source gives its sessions, else the one that the environment has for all of them. */
export function givenSessionName({ env }: IdentitySetting, own: string | undefined): string | undefined {
  return own ?? (env.ALIBABA_CLOUD_ROLE_SESSION_NAME || undefined);
}

function valid(name: string): string {
  const clean = name.replace(/[^A-Za-z0-9.@_-]/g, "-").slice(0, MAX_LENGTH);
  return clean.length < 2 ? `${clean}${PROGRAM}`.slice(0, MAX_LENGTH) : clean;
}

/** The kubelet names a node after its host unless told otherwise. */
function nodeName(run: Run): string {
  const named = run.env.NODE_NAME || run.env.HOSTNAME;
  if (named) return named;
  try {
    return readFileSync("/proc/sys/kernel/hostname", "utf8").trim();
  } catch {
    return "";
  }
}
