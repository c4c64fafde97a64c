import { rootArn } from "./arn.ts";
import { matchesGlob, type Principal } from "./permissions.ts";
import type { Conditions, Role } from "./world.ts";

/** Whether the role's trust policy admits a RAM user or another role. */
export function trustsPrincipal(role: Role, caller: Principal, externalId: string | undefined): boolean {
  const facts = externalId === undefined ? {} : { "sts:ExternalId": externalId };
  return role.trust.some(
    ({ principal, conditions }) =>
      principal.ram?.some((arn) => arn === caller.trustArn || arn === rootArn(caller.accountId)) &&
      holds(conditions, facts),
  );
}

/** Whether an Alibaba Cloud service, such as `ecs.aliyuncs.com`, may assume the role. */
export function trustsService(role: Role, service: string): boolean {
  return role.trust.some(({ principal }) => principal.service?.includes(service));
}

/** Whether the trust policy admits a token of the OIDC provider. */
export function trustsFederated(
  role: Role,
  providerArn: string,
  claims: { iss: string; aud: string[]; sub: string },
): boolean {
  const facts = { "oidc:iss": claims.iss, "oidc:aud": claims.aud, "oidc:sub": claims.sub };
  return role.trust.some(
    ({ principal, conditions }) => principal.federated?.includes(providerArn) && holds(conditions, facts),
  );
}

type Facts = Record<string, string | string[]>;

function holds(conditions: Conditions | undefined, facts: Facts): boolean {
  const equals = Object.entries(conditions?.StringEquals ?? {});
  const like = Object.entries(conditions?.StringLike ?? {});
  return (
    equals.every(([key, wanted]) => anyPair(wanted, facts[key], (a, b) => a === b)) &&
    like.every(([key, wanted]) => anyPair(wanted, facts[key], matchesGlob))
  );
}

function anyPair(
  wanted: string | string[],
  found: string | string[] | undefined,
  same: (wanted: string, found: string) => boolean,
): boolean {
  const values = found === undefined ? [] : [found].flat();
  return [wanted].flat().some((want) => values.some((value) => same(want, value)));
}
