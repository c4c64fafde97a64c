import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import { parseJsonObject } from "../text/json.ts";
import type { RamCredentials } from "./identity.ts";
import { readMetadata } from "./metadata.ts";
import { temporaryCredentials } from "./temporaryCredentials.ts";

const ROLES = "ram/security-credentials/";

/**
 * Temporary credentials of the role attached to the node, from the metadata service.
 * @throws Failure `NoRamRole`, `RamRoleNotAttached`, or of the metadata service.
 */
export async function nodeRoleCredentials(run: Run, roleName: string | undefined): Promise<RamCredentials> {
  const role = roleName ?? (await attachedRole(run));
  run.record.nodeRole = role;
  const text = await readMetadata(run, ROLES + encodeURIComponent(role));
  if (text === undefined) {
    throw new Failure(`the RAM role ${role} is not attached to this node`, {
      code: "RamRoleNotAttached",
      remedy: "attach it to the ECS instance, or correct identity.roleName (ALIBABA_CLOUD_ECS_METADATA)",
    });
  }
  const body = parseJsonObject(text) ?? {};
  return temporaryCredentials(run, body, `the metadata service's answer for role ${role}`);
}

/** A node has one role; without one its list does not exist. */
async function attachedRole(run: Run): Promise<string> {
  const role = (await readMetadata(run, ROLES))?.split("\n")[0]?.trim();
  if (role !== undefined && /^[\w.-]{1,64}$/.test(role)) return role;
  throw new Failure("no RAM role is attached to this node", {
    code: "NoRamRole",
    remedy:
      "attach a RAM role that may use ACR to the ECS instance or node pool, or configure another identity",
  });
}
