import { parse } from "yaml";
import type { Pod } from "./kubelet.ts";
import { codeBlocksOf, type Section, sectionsOf } from "./markdown.ts";
import { kubeletConfigIn, policyIn, type SharedBlocks, sharedBlocksOf } from "./sharedBlocks.ts";

/** A recipe of docs/identity.md: what is to be copied, and what it promises. */
export interface Recipe {
  readonly title: string;
  readonly image: string;
  readonly policies: ReadonlyMap<string, string>;
  readonly trusts: ReadonlyMap<string, string>;
  readonly config: string;
  readonly kubelet: string;
  /** Pods that the recipe says can pull. */
  readonly pulls: readonly Pod[];
  /** Pods that it says, or means, cannot. */
  readonly refused: readonly Pod[];
}

export function recipesOf(document: string): Recipe[] {
  const recipes = sectionsOf(document, 2).find(({ title }) => title === "Recipes");
  const shared = sharedBlocksOf(document);
  return sectionsOf(recipes?.text ?? "", 3).map((section) => recipeOf(section, shared));
}

function recipeOf({ title, text }: Section, shared: SharedBlocks): Recipe {
  const blocks = codeBlocksOf(text);
  const ofKind = (kind: string) => blocks.filter((block) => block.text.includes(`\nkind: ${kind}\n`));
  const only = (kind: string) => {
    const found = ofKind(kind);
    if (found.length !== 1) throw new Error(`${title}: ${found.length} blocks of kind ${kind}`);
    return found[0]?.text ?? "";
  };
  const named = /^The kubelet's config: \[.*?\.$/ms.exec(text)?.[0];
  const [account] = ofKind("ServiceAccount");
  const [, image = "", whom = ""] = /^Pulls `([^`]+)` for (.+)\.$/m.exec(text) ?? [];
  return {
    title,
    image,
    ...policiesIn(text, shared),
    config: only("ProviderConfig"),
    kubelet: named === undefined ? only("CredentialProviderConfig") : kubeletConfigIn(named, shared),
    ...promised(whom, account?.text),
  };
}

/** Of the table with a role or user in each row. */
function policiesIn(text: string, shared: SharedBlocks): Pick<Recipe, "policies" | "trusts"> {
  const policies = new Map<string, string>();
  const trusts = new Map<string, string>();
  for (const [, arn = "", rights = "", trust = ""] of text.matchAll(
    /^\| `(acs:ram::[^`]+)` \| (.*) \| (.*) \|$/gm,
  )) {
    const [policy, trustPolicy] = [policyIn(rights, arn, shared), policyIn(trust, arn, shared)];
    if (policy !== undefined) policies.set(arn, policy);
    if (trustPolicy !== undefined) trusts.set(arn, trustPolicy);
  }
  return { policies, trusts };
}

const staticPod: Pod = { namespace: "kube-system" };

/** Reads what a recipe promises; the service account's manifest, where there is one, has its annotations. */
function promised(whom: string, manifest: string | undefined): Pick<Recipe, "pulls" | "refused"> {
  const own = annotationsOf(manifest);
  const puller: Pod = { namespace: "apps", serviceAccount: "puller", ...own };
  const neighbour: Pod = { namespace: "apps", serviceAccount: "web" };
  /** Somebody else who writes the same annotations. */
  const imitator: Pod = { namespace: "other", serviceAccount: "puller", ...own };
  switch (whom) {
    case "every pod, static pods included":
      return { pulls: [puller, imitator, staticPod], refused: [] };
    case "pods of the service account `apps/puller` and for no one else":
      return { pulls: [puller], refused: [neighbour, imitator, staticPod] };
    case "pods of the service account `apps/puller`, and for static pods":
      return { pulls: [puller, staticPod], refused: [neighbour, imitator] };
    case "pods of the service accounts of the namespace `apps` and for no one else":
      return { pulls: [puller, neighbour], refused: [imitator, staticPod] };
    case "pods of every service account that carries these annotations":
      return { pulls: [puller, imitator], refused: [neighbour, staticPod] };
    default:
      throw new Error(`a recipe that promises ${JSON.stringify(whom)}`);
  }
}

function annotationsOf(manifest: string | undefined): { annotations?: Record<string, string> } {
  if (manifest === undefined) return {};
  const { kind, metadata } = parse(manifest);
  if (kind !== "ServiceAccount" || metadata.namespace !== "apps" || metadata.name !== "puller") {
    throw new Error("the recipe's service account is not apps/puller");
  }
  return { annotations: metadata.annotations };
}
