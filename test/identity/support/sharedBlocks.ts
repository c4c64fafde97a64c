import { anchorOf, codeBlocksOf, type Section, sectionsOf } from "./markdown.ts";

/** What the recipes of docs/identity.md share: by the anchor of its heading, a text with words in capitals to replace. */
export interface SharedBlocks {
  readonly policies: ReadonlyMap<string, string>;
  readonly kubeletConfigs: ReadonlyMap<string, string>;
  /** The issuer of each OIDC provider, by the provider's name. */
  readonly issuers: ReadonlyMap<string, string>;
}

export function sharedBlocksOf(document: string): SharedBlocks {
  const chapters = new Map(sectionsOf(document, 2).map(({ title, text }) => [title, text]));
  const blocks = (title: string) => new Map(sectionsOf(chapters.get(title) ?? "", 3).map(blockOf));
  const issuers = (chapters.get("Recipes") ?? "").matchAll(
    /^\| `([\w-]+)`, `(https:[^`]+)` \| name and issuer /gm,
  );
  return {
    policies: blocks("Policies"),
    kubeletConfigs: blocks("Kubelet configs"),
    issuers: new Map([...issuers].map(([, name = "", issuer = ""]) => [name, issuer])),
  };
}

function blockOf({ title, text }: Section): [anchor: string, text: string] {
  const [block, more] = codeBlocksOf(text);
  if (block === undefined || more !== undefined) throw new Error(`${title}: not one block`);
  return [anchorOf(title), block.text];
}

/** What a cell of a recipe's table says: `[pull](#pull) from \`cri-…\`` names a policy and what to write into it. */
interface PolicyUse {
  readonly anchor: string;
  readonly values: readonly string[];
}

function usesIn(cell: string): PolicyUse[] {
  return [...cell.matchAll(/\[[^\]]+\]\(#([\w-]+)\)([^[]*)/g)].map(([, anchor = "", rest = ""]) => ({
    anchor,
    values: quotedIn(rest),
  }));
}

function quotedIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, value = ""]) => value);
}

/** The policy that the cell of a role or user names, filled in; undefined when it names none. */
export function policyIn(cell: string, arn: string, shared: SharedBlocks): string | undefined {
  const [use, more] = usesIn(cell);
  if (use === undefined) return undefined;
  const text = shared.policies.get(use.anchor);
  if (text === undefined || more !== undefined) throw new Error(`${cell} does not name one policy`);
  const account = /^acs:ram::(\d+):/.exec(arn)?.[1] ?? "";
  const known = text.includes("ACCOUNT") ? { ACCOUNT: account } : {};
  return filled(text, { ...known, ...wordsFor(use, shared) });
}

/** What the values that follow a policy's name in a recipe stand for. */
function wordsFor({ anchor, values }: PolicyUse, { issuers }: SharedBlocks) {
  const [first = "", provider = ""] = values;
  switch (anchor) {
    case "pull":
    case "pull-and-look-up-domains":
      return { INSTANCE: first };
    case "assume":
      return { ROLE: first };
    case "trust-a-caller":
      return { CALLER: values.join('", "') };
    case "trust-a-service-account": {
      const [namespace = "", name = ""] = first.split("/");
      return { NAMESPACE: namespace, NAME: name, PROVIDER: provider, ISSUER: issuers.get(provider) ?? "" };
    }
    case "trust-a-namespace":
      return { NAMESPACE: first, PROVIDER: provider, ISSUER: issuers.get(provider) ?? "" };
    default:
      return {};
  }
}

/** @throws Error for a word that the text does not have, has no value, or is left over. */
function filled(text: string, words: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [word, value] of Object.entries(words)) {
    const pattern = new RegExp(`\\b${word}\\b`, "g");
    if (value === "" || !pattern.test(result)) throw new Error(`${word} is not to be filled in: ${text}`);
    result = result.replace(pattern, () => value);
  }
  const left = /\b[A-Z]{4,}\b/.exec(result);
  if (left !== null) throw new Error(`${left[0]} is left over: ${result}`);
  return result;
}

/** The kubelet's config that a recipe names (`[for the node](#for-the-node), with the hosts …`), a line for each host. */
export function kubeletConfigIn(line: string, { kubeletConfigs }: SharedBlocks): string {
  const [use] = usesIn(line);
  const text = kubeletConfigs.get(use?.anchor ?? "");
  if (text === undefined || use === undefined) throw new Error(`no kubelet config in ${line}`);
  const [, indent = ""] = /^( *)- HOST$/m.exec(text) ?? [];
  return text.replace(/^ *- HOST$/m, use.values.map((host) => `${indent}- ${host}`).join("\n"));
}
