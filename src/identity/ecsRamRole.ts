import type { Run } from "../run/run.ts";
import type { Identity } from "./identity.ts";

/**
 * The RAM role of the node, by the ECS metadata service; `roleName` (or ALIBABA_CLOUD_ECS_METADATA) names the role
 * when it is not to be asked for.
 */
export function fromEcsRamRole(run: Run, roleName?: string): Identity {
  const role = roleName || run.env.ALIBABA_CLOUD_ECS_METADATA || undefined;
  return {
    name: role === undefined ? "ecsRamRole (the node's role)" : `ecsRamRole ${role}`,
    key: JSON.stringify(["ecsRamRole", role ?? "", run.config.endpoints.metadata ?? ""]),
    credentials: async () => (await import("./nodeRole.ts")).nodeRoleCredentials(run, role),
  };
}
