import { accountA } from "../../cloud/defaultWorld.ts";
import { oidcProviderArn } from "../../cloud/model/arn.ts";
import { trustOf } from "./ramPolicy.ts";
import { type Recipe, recipesOf } from "./recipes.ts";
import type { ProviderRegistration } from "./recipeWorld.ts";

/** The OIDC providers of the cluster's account: the one that the document registers, and RRSA's own. */
export function providersOf(document: string): ProviderRegistration[] {
  return [registered(document), ...rrsaProviders(recipesOf(document))];
}

/** What the document's command makes RAM know. */
function registered(document: string): ProviderRegistration {
  const command = /^aliyun ims CreateOIDCProvider (.*?)\n```/ms.exec(document)?.[1] ?? "";
  const option = (name: string) => new RegExp(`--${name} (\\S+)`).exec(command)?.[1] ?? "";
  return {
    arn: oidcProviderArn(accountA, option("OIDCProviderName")),
    issuer: option("IssuerUrl"),
    clientIds: option("ClientIds").split(","),
  };
}

/** What ACK registers when RRSA is enabled; its issuer is what the trust policies copy from the cluster's page. */
function rrsaProviders(recipes: readonly Recipe[]): ProviderRegistration[] {
  const statements = recipes.flatMap(({ trusts }) => [...trusts.values()].flatMap(trustOf));
  const issuers = new Map<string, string>();
  for (const { principal, conditions } of statements) {
    const arn = principal.federated?.find((one) => one.includes("/ack-rrsa-"));
    const issuer = [conditions?.StringEquals?.["oidc:iss"]].flat()[0];
    if (arn !== undefined && issuer !== undefined) issuers.set(arn, issuer);
  }
  return [...issuers].map(([arn, issuer]) => ({ arn, issuer, clientIds: ["sts.aliyuncs.com"] }));
}
