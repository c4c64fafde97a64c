import type { Permission } from "./world.ts";

/** Who calls: a RAM user or a session of a role. */
export interface Principal {
  kind: "user" | "role";
  accountId: string;
  /** As GetCallerIdentity prints it. */
  arn: string;
  /** What a trust policy names: the user's or the role's ARN. */
  trustArn: string;
  name: string;
  permissions: Permission[];
  /** The session policy given to AssumeRole: it can only take away. */
  sessionPolicy?: Permission[] | undefined;
  accessKeyId: string;
  /** Epoch milliseconds; sessions only. */
  expiresAt?: number | undefined;
}

/** RAM's globs: `*` any run of characters, `?` one; the whole text must match. */
export function matchesGlob(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

/** Whether the principal may do the action on the resource: explicit deny, then any allow. */
export function mayDo(principal: Principal, action: string, resource: string): boolean {
  if (!grants(principal.permissions, action, resource)) return false;
  return principal.sessionPolicy === undefined || grants(principal.sessionPolicy, action, resource);
}

function grants(permissions: Permission[], action: string, resource: string): boolean {
  const applying = permissions.filter(
    ({ actions, resources }) =>
      actions.some((glob) => matchesGlob(glob.toLowerCase(), action.toLowerCase())) &&
      (resources === undefined || resources.some((glob) => matchesGlob(glob, resource))),
  );
  return applying.length > 0 && applying.every(({ effect }) => effect !== "Deny");
}

/** Reads the `Policy` parameter of AssumeRole; `undefined` when its grammar is wrong. */
export function parsePolicy(text: string): Permission[] | undefined {
  try {
    const { Version, Statement } = JSON.parse(text) as { Version?: unknown; Statement?: unknown };
    if (Version !== "1" || !Array.isArray(Statement)) return undefined;
    return Statement.map(({ Effect, Action, Resource }) => {
      if ((Effect !== "Allow" && Effect !== "Deny") || !Action || !Resource) throw new Error("grammar");
      return { effect: Effect, actions: [Action].flat(), resources: [Resource].flat() };
    });
  } catch {
    return undefined;
  }
}
