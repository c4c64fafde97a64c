import type { Conditions, Permission, TrustStatement } from "../../cloud/model/world.ts";

/** Reads a RAM policy as RAM's console takes it; anything that this reader does not know is an error. */
export function permissionsOf(text: string): Permission[] {
  return statementsOf(text).map((statement) => {
    only(statement, ["Effect", "Action", "Resource"]);
    const { Effect: effect } = statement;
    if (effect !== "Allow" && effect !== "Deny") throw new Error(`Effect ${effect}`);
    return { effect, actions: texts(statement.Action), resources: texts(statement.Resource) };
  });
}

/** Reads a role's trust policy. */
export function trustOf(text: string): TrustStatement[] {
  return statementsOf(text).map((statement) => {
    only(statement, ["Effect", "Action", "Principal", "Condition"]);
    if (statement.Effect !== "Allow" || statement.Action !== "sts:AssumeRole") {
      throw new Error("a trust policy allows sts:AssumeRole");
    }
    const principal = statement.Principal as Record<string, unknown>;
    only(principal, ["RAM", "Service", "Federated"]);
    return {
      principal: {
        ...(principal.RAM === undefined ? {} : { ram: texts(principal.RAM) }),
        ...(principal.Service === undefined ? {} : { service: texts(principal.Service) }),
        ...(principal.Federated === undefined ? {} : { federated: texts(principal.Federated) }),
      },
      ...(statement.Condition === undefined ? {} : { conditions: conditionsOf(statement.Condition) }),
    };
  });
}

const conditionKeys = ["oidc:iss", "oidc:aud", "oidc:sub", "sts:ExternalId"];

function conditionsOf(value: unknown): Conditions {
  const conditions = value as Record<string, Record<string, unknown>>;
  only(conditions, ["StringEquals", "StringLike"]);
  return Object.fromEntries(
    Object.entries(conditions).map(([operator, keys]) => {
      only(keys, conditionKeys);
      return [operator, Object.fromEntries(Object.entries(keys).map(([key, one]) => [key, texts(one)]))];
    }),
  );
}

function statementsOf(text: string): Record<string, unknown>[] {
  const policy = JSON.parse(text) as Record<string, unknown>;
  only(policy, ["Version", "Statement"]);
  if (policy.Version !== "1") throw new Error(`Version ${policy.Version} of a policy`);
  const statements = policy.Statement as Record<string, unknown>[];
  if (!Array.isArray(statements) || statements.length === 0) throw new Error("a policy without statement");
  return statements;
}

function only(object: Record<string, unknown>, known: readonly string[]): void {
  const unknown = Object.keys(object).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`unknown in a policy: ${unknown.join(", ")}`);
}

function texts(value: unknown): string[] {
  const list = [value].flat();
  if (list.length > 0 && list.every((one) => typeof one === "string" && one !== "")) return list as string[];
  throw new Error(`not a text or a list of texts: ${JSON.stringify(value)}`);
}
