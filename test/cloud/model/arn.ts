import type { Account, Role, World } from "./world.ts";

/** `acs:ram::ACCOUNT:role/NAME` */
export const roleArn = (accountId: string, name: string): string => `acs:ram::${accountId}:role/${name}`;

/** `acs:ram::ACCOUNT:user/NAME` */
export const userArn = (accountId: string, name: string): string => `acs:ram::${accountId}:user/${name}`;

/** `acs:ram::ACCOUNT:root`: every user and role of an account. */
export const rootArn = (accountId: string): string => `acs:ram::${accountId}:root`;

/** `acs:ram::ACCOUNT:oidc-provider/NAME` */
export const oidcProviderArn = (accountId: string, name: string): string =>
  `acs:ram::${accountId}:oidc-provider/${name}`;

/** The caller's ARN as GetCallerIdentity prints it for a session. */
export const assumedRoleArn = (accountId: string, name: string, session: string): string =>
  `acs:ram::${accountId}:assumed-role/${name}/${session}`;

/** Reads a role's ARN; RAM compares role names without regard to case. */
export function parseRoleArn(arn: string): { accountId: string; name: string } | undefined {
  const parts = /^acs:ram::(\d+):role\/([A-Za-z0-9_.-]{1,64})$/.exec(arn);
  return parts?.[1] && parts[2] ? { accountId: parts[1], name: parts[2] } : undefined;
}

/** The role behind an ARN, if the world has it. */
export function findRole(world: World, arn: string): { account: Account; role: Role } | undefined {
  const wanted = parseRoleArn(arn);
  const account = world.accounts.find(({ id }) => id === wanted?.accountId);
  const role = account?.roles.find(({ name }) => name.toLowerCase() === wanted?.name.toLowerCase());
  return account && role ? { account, role } : undefined;
}
