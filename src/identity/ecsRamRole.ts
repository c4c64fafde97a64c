import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import { parseJsonObject } from "../text/json.ts";
import { type Identity, type IdentitySetting, NODE_ROLE, type RamCredentials } from "./identity.ts";

const ROLES = "ram/security-credentials/";

/**
 * The RAM role of the node, by the ECS metadata service; `roleName` (or ALIBABA_CLOUD_ECS_METADATA) names the role
 * when it is not to be asked for.
 */
export function fromEcsRamRole({ config, env }: IdentitySetting, roleName?: string): Identity {
  const role = roleName || env.ALIBABA_CLOUD_ECS_METADATA || undefined;
  return {
    name: role === undefined ? NODE_ROLE : `ecsRamRole ${role}`,
    key: JSON.stringify(["ecsRamRole", role ?? "", config.endpoints.metadata ?? ""]),
    credentials: (run) => nodeRoleCredentials(run, role),
  };
}

/**
 * Temporary credentials of the role attached to the node, from the metadata service.
 * @throws Failure `NoRamRole`, `RamRoleNotAttached`, or of the metadata service.
 */
async function nodeRoleCredentials(run: Run, roleName: string | undefined): Promise<RamCredentials> {
  const { readMetadata } = await import("./metadata.ts");
  const { temporaryCredentials } = await import("./temporaryCredentials.ts");
  const role = roleName ?? attachedRole(await readMetadata(run, ROLES));
  run.record.nodeRole = role;
  const text = await readMetadata(run, ROLES + encodeURIComponent(role));
  if (text === undefined) {
    throw new Failure(`the RAM role ${role} is not attached to this node`, {
      code: "RamRoleNotAttached",
      remedy: "attach it to the ECS instance, or correct identity.roleName (ALIBABA_CLOUD_ECS_METADATA)",
    });
  }
  return temporaryCredentials(
    run,
    parseJsonObject(text) ?? {},
    `the metadata service's answer for role ${role}`,
  );
}

/** A node has one role; without one its list does not exist. */
function attachedRole(list: string | undefined): string {
  const role = list?.split("\n")[0]?.trim();
  if (role !== undefined && /^[\w.-]{1,64}$/.test(role)) return role;
  throw new Failure("no RAM role is attached to this node", {
    code: "NoRamRole",
    remedy:
      "attach a RAM role that may use ACR to the ECS instance or node pool, or configure another identity",
  });
}
