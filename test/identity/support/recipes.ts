import { parse } from "yaml";
import type { Pod } from "./kubelet.ts";

/** A code block of a document, and the line above it. */
export interface CodeBlock {
  readonly caption: string;
  readonly language: string;
  readonly text: string;
}

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

export interface Section {
  readonly title: string;
  readonly text: string;
}

/** The parts of a document below its headings of this level. */
export function sectionsOf(document: string, level: 2 | 3): Section[] {
  const mark = "#".repeat(level);
  const parts = document.split(new RegExp(`^${mark} (?=\\S)`, "m")).slice(1);
  return parts.map((part) => {
    const [title = "", ...lines] = part.split("\n");
    return { title, text: lines.join("\n") };
  });
}

export function codeBlocksOf(text: string): CodeBlock[] {
  const found = text.matchAll(/(?:^|\n)([^\n]*)\n+```(\w+)\n(.*?)\n```/gs);
  return [...found].map(([, caption = "", language = "", code = ""]) => ({ caption, language, text: code }));
}

export function recipesOf(document: string): Recipe[] {
  const recipes = sectionsOf(document, 2).find(({ title }) => title === "Recipes");
  return sectionsOf(recipes?.text ?? "", 3).map(recipeOf);
}

function recipeOf({ title, text }: Section): Recipe {
  const blocks = codeBlocksOf(text);
  const only = (start: string) => {
    const found = blocks.filter(({ caption }) => caption.startsWith(start));
    if (found.length !== 1) throw new Error(`${title}: ${found.length} blocks ${start}`);
    return found[0]?.text ?? "";
  };
  const byArn = (start: string) =>
    new Map(
      blocks
        .filter(({ caption }) => caption.startsWith(start))
        .map(({ caption, text: policy }) => [/`(acs:ram::[^`]+)`/.exec(caption)?.[1] ?? "", policy]),
    );
  const account = blocks.find(({ caption }) => caption.startsWith("The service account"))?.text;
  const [, image = "", whom = ""] = /^Pulls `([^`]+)` for (.+)\.$/m.exec(text) ?? [];
  return {
    title,
    image,
    policies: byArn("RAM policy of"),
    trusts: byArn("Trust policy of"),
    config: only("`/etc/aliyun-acr-credential-provider/config.yaml`"),
    kubelet: only("The kubelet's `CredentialProviderConfig`"),
    ...promised(whom, account),
  };
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
    case "pods of the service account `apps/puller` and for nobody else":
      return { pulls: [puller], refused: [neighbour, imitator, staticPod] };
    case "pods of the service account `apps/puller`, and for static pods":
      return { pulls: [puller, staticPod], refused: [neighbour, imitator] };
    case "pods of the service accounts of the namespace `apps` and for nobody else":
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
