import { createHash, randomBytes } from "node:crypto";
import { assumedRoleArn, findRole, roleArn } from "./arn.ts";
import { type Clock, isoSeconds } from "./clock.ts";
import type { Principal } from "./permissions.ts";
import type { Account, Permission, Role, World } from "./world.ts";

/** Temporary credentials of a role, as STS, the metadata service and the credentials URI issue them. */
export interface Session {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string;
  /** Epoch milliseconds. */
  expiresAt: number;
  roleArn: string;
  /** The caller's ARN: `acs:ram::ACCOUNT:assumed-role/ROLE/SESSION`. */
  arn: string;
  /** `ROLEID:SESSION` */
  assumedRoleId: string;
  policy?: Permission[] | undefined;
  revoked: boolean;
}

export interface Sessions {
  open(
    account: Account,
    role: Role,
    options: { name: string; seconds: number; policy?: Permission[] | undefined },
  ): Session;
  find(accessKeyId: string): Session | undefined;
  all(): Session[];
}

export function createSessions(clock: Clock): Sessions {
  const byKey = new Map<string, Session>();
  return {
    open(account, role, { name, seconds, policy }) {
      const session: Session = {
        accessKeyId: `STS.NV${randomBytes(9).toString("hex")}`,
        accessKeySecret: `CANARYsecret${randomBytes(16).toString("hex")}`,
        securityToken: `CAISCANARYtoken${randomBytes(300).toString("base64")}`,
        expiresAt: Math.floor(clock.now() / 1000) * 1000 + seconds * 1000,
        roleArn: roleArn(account.id, role.name),
        arn: assumedRoleArn(account.id, role.name, name),
        assumedRoleId: `${roleId(account.id, role.name)}:${name}`,
        policy,
        revoked: false,
      };
      byKey.set(session.accessKeyId, session);
      return session;
    },
    find: (accessKeyId) => byKey.get(accessKeyId),
    all: () => [...byKey.values()],
  };
}

/** The principal of a session; its permissions are the role's of this moment. */
export function sessionPrincipal(world: World, session: Session): Principal | undefined {
  const found = findRole(world, session.roleArn);
  if (!found) return undefined;
  return {
    kind: "role",
    accountId: found.account.id,
    arn: session.arn,
    trustArn: session.roleArn,
    name: found.role.name,
    permissions: found.role.permissions,
    sessionPolicy: session.policy,
    accessKeyId: session.accessKeyId,
    expiresAt: session.expiresAt,
  };
}

/** The role credentials document of the metadata service and the credentials URI (facts 7). */
export function credentialsDocument(session: Session, now: number): Record<string, string> {
  return {
    AccessKeyId: session.accessKeyId,
    AccessKeySecret: session.accessKeySecret,
    SecurityToken: session.securityToken,
    Expiration: isoSeconds(session.expiresAt),
    LastUpdated: isoSeconds(now),
    Code: "Success",
  };
}

/** A stable 18-digit number for a user or role, as RAM gives them. */
export function roleId(accountId: string, name: string): string {
  const hash = createHash("sha256").update(`${accountId}/${name}`).digest();
  return `3${(hash.readBigUInt64BE() % 10n ** 17n).toString().padStart(17, "0")}`;
}
