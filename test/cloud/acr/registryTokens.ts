import { randomBytes } from "node:crypto";
import type { Clock } from "../model/clock.ts";
import { mayDo, type Principal } from "../model/permissions.ts";
import type { World } from "../model/world.ts";

/** The user name that ACR really returns (facts 3.1). */
export const tokenUsername = "cr_temp_user";

/** First hex digits after the `:` of every password, so that a leak can be found in any text. */
export const passwordMarker = "ca4a12ca4a12";

/** A user name and password that ACR issued. */
export interface RegistryToken {
  username: string;
  password: string;
  edition: "enterprise" | "personal";
  accountId: string;
  /** Enterprise Edition only. */
  instanceId?: string | undefined;
  regionId?: string | undefined;
  /** Epoch milliseconds, in the cloud's time. */
  issuedAt: number;
  expiresAt: number;
  callerArn: string;
}

/** What a registry learns about a login. */
export interface RegistryLogin extends RegistryToken {
  /** Whether `cr:PullRepository` covers `NAMESPACE/REPOSITORY` at this moment. */
  mayPull(repository: string): boolean;
  /** The same for `cr:PushRepository`. */
  mayPush(repository: string): boolean;
}

export interface RegistryTokens {
  readonly issued: RegistryToken[];
  issue(caller: Principal, registry: Registry): RegistryToken;
  accept(username: string, password: string): RegistryLogin | undefined;
}

export type Registry = Pick<RegistryToken, "edition" | "accountId" | "instanceId" | "regionId">;

const hourMs = 3_600_000;

export function createRegistryTokens(world: World, clock: Clock): RegistryTokens {
  const issued: RegistryToken[] = [];
  const owners = new Map<string, { token: RegistryToken; caller: Principal }>();
  return {
    issued,
    issue(caller, registry) {
      const issuedAt = clock.now();
      const expiresAt = issuedAt + (world.tokenLifeMs ?? (caller.expiresAt ?? issuedAt + hourMs) - issuedAt);
      const token: RegistryToken = {
        username: tokenUsername,
        password: newPassword(registry, caller, issuedAt),
        ...registry,
        issuedAt,
        expiresAt,
        callerArn: caller.arn,
      };
      issued.push(token);
      owners.set(token.password, { token, caller });
      return token;
    },
    accept(username, password) {
      const { token, caller } = owners.get(password) ?? {};
      if (!token || !caller || username !== token.username || token.expiresAt <= clock.now())
        return undefined;
      const may = (action: string) => (repository: string) =>
        mayDo(caller, action, repositoryArn(token, repository));
      return { ...token, mayPull: may("cr:PullRepository"), mayPush: may("cr:PushRepository") };
    },
  };
}

/** The shape of published samples: base64 of JSON, `:`, 40 hex digits (facts 3.1). */
function newPassword(registry: Registry, caller: Principal, issuedAt: number): string {
  const claims = {
    instanceId: registry.instanceId ?? "",
    time: String(issuedAt),
    type: "sub",
    userId: caller.accountId,
    nonce: `CANARY${randomBytes(6).toString("hex")}`,
  };
  const base64 = Buffer.from(JSON.stringify(claims)).toString("base64");
  return `${base64}:${passwordMarker}${randomBytes(14).toString("hex")}`;
}

function repositoryArn({ accountId, regionId, instanceId }: RegistryToken, repository: string): string {
  const instance = instanceId ? `${instanceId}/` : "";
  return `acs:cr:${regionId ?? "*"}:${accountId}:repository/${instance}${repository}`;
}
