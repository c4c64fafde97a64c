import type { State } from "../state.ts";
import { roleArn, userArn } from "./arn.ts";

/** An access key to disable, or a user or role (ARN) to deny an action (a glob; default every action). */
export type Revocation = { accessKeyId: string } | { arn: string; action?: string };

/** Takes something away at run time. Throws if there is no such key, user or role. */
export function revoke(state: State, what: Revocation): void {
  if ("accessKeyId" in what) revokeKey(state, what.accessKeyId);
  else deny(state, what.arn, what.action ?? "*");
}

function revokeKey(state: State, accessKeyId: string): void {
  const session = state.sessions.find(accessKeyId);
  if (session) session.revoked = true;
  const key = state.world.accounts
    .flatMap(({ users }) => users.flatMap(({ accessKeys }) => accessKeys))
    .find(({ id }) => id === accessKeyId);
  if (key) key.status = "Inactive";
  if (!key && !session) throw new Error(`no access key ${accessKeyId}`);
}

function deny(state: State, arn: string, action: string): void {
  const owners = state.world.accounts.flatMap(({ id, users, roles }) => [
    ...users.map((user) => ({ arn: userArn(id, user.name), permissions: user.permissions })),
    ...roles.map((role) => ({ arn: roleArn(id, role.name), permissions: role.permissions })),
  ]);
  const owner = owners.find((candidate) => candidate.arn === arn);
  if (!owner) throw new Error(`no user or role ${arn}`);
  owner.permissions.push({ effect: "Deny", actions: [action] });
}
