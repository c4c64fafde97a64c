import { defaultWorld, instance } from "../../cloud/defaultWorld.ts";
import type { Account, World } from "../../cloud/model/world.ts";
import { permissionsOf, trustOf } from "./ramPolicy.ts";
import type { Recipe } from "./recipes.ts";

/** The AccessKey that the RAM user of a recipe has. */
export const recipeKey = { id: "LTAIrecipe0000", secret: "CANARYsecretOfTheRecipe0000" };

export interface ProviderRegistration {
  readonly arn: string;
  readonly issuer: string;
  readonly clientIds: string[];
}

/**
 * A world in which nobody may do anything but what the recipe's policies say; `without`: one of its documents, which
 * is left out (a RAM policy) or admits nobody (a trust policy).
 */
export function worldOf(
  recipe: Recipe,
  providers: readonly ProviderRegistration[],
  without?: { kind: "policies" | "trusts"; arn: string },
): World {
  const left = (kind: "policies" | "trusts", arn: string) =>
    without?.kind === kind && without.arn === arn ? undefined : recipe[kind].get(arn);
  const accounts = new Map<string, Account>();
  const accountOf = (id: string) => {
    const account = accounts.get(id) ?? { id, users: [], roles: [], oidcProviders: [] };
    accounts.set(id, account);
    return account;
  };
  for (const { arn, issuer, clientIds } of providers) {
    if (!`${recipe.config}\n`.includes(`oidcProviderArn: ${arn}\n`)) continue;
    const [id = "", name = ""] = partsOf(arn, "oidc-provider");
    accountOf(id).oidcProviders.push({ name, issuer, clientIds });
  }
  for (const arn of new Set([...recipe.policies.keys(), ...recipe.trusts.keys()])) {
    const policy = left("policies", arn);
    const permissions = policy === undefined ? [] : permissionsOf(policy);
    if (arn.includes(":user/")) {
      const [id = "", name = ""] = partsOf(arn, "user");
      const accessKeys = [{ ...recipeKey, status: "Active" as const }];
      accountOf(id).users.push({ name, accessKeys, permissions });
      continue;
    }
    const [id = "", name = ""] = partsOf(arn, "role");
    const trust = trustOf(left("trusts", arn) ?? NOBODY);
    accountOf(id).roles.push({ name, permissions, trust, maxSessionDurationSeconds: 3600 });
  }
  const world = defaultWorld();
  return {
    ...world,
    accounts: [...accounts.values()],
    instances: instancesOf(recipe),
    personalInstances: [],
    node: { ...world.node, roleName: attachedRole(recipe) },
  };
}

const NOBODY = JSON.stringify({
  Version: "1",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: ["acs:ram::1:root"] } }],
});

function partsOf(arn: string, kind: string): string[] {
  const parts = new RegExp(`^acs:ram::(\\d+):${kind}/([\\w.-]+)$`).exec(arn);
  if (parts === null) throw new Error(`${arn} is no ${kind}`);
  return parts.slice(1);
}

/** The instances whose repositories the policies name, in the account that they name. */
function instancesOf(recipe: Recipe): World["instances"] {
  const known: Record<string, [name: string, ...domains: string[]]> = {
    "cri-xxxxxxxxxxxxxxxx": ["corp"],
    "cri-yyyyyyyyyyyyyyyy": ["shared", "images.example.com"],
  };
  const resources = [...recipe.policies.values()].flatMap((text) =>
    permissionsOf(text).flatMap((permission) => permission.resources ?? []),
  );
  const named = resources.flatMap((arn) => {
    const [, region = "", account = "", id = ""] =
      /^acs:cr:([^:]+):(\d+):repository\/(cri-\w+)/.exec(arn) ?? [];
    return id === "" ? [] : [{ region, account, id }];
  });
  const byId = new Map(named.map((one) => [one.id, one]));
  return [...byId.values()].map(({ region, account, id }) => {
    const [name, ...domains] = known[id] ?? [id];
    return instance(account, region, id, name, ...domains);
  });
}

/** The role that ECS may hand to the node. */
function attachedRole({ trusts }: Recipe): string | null {
  const found = [...trusts].find(([, text]) =>
    trustOf(text).some(({ principal }) => principal.service?.includes("ecs.aliyuncs.com")),
  );
  return found === undefined ? null : (partsOf(found[0], "role")[1] ?? null);
}
