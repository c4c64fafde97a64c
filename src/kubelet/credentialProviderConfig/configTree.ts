import type { Path } from "../../config/problem.ts";

/**
 * A value of a config file as the kubelet's decoder gets to see it, from YAML or JSON, with the 1-based line where it
 * begins. Keys of an object may repeat: whoever decodes it has to notice.
 */
export type ConfigTree = { readonly line: number } & (
  | { readonly kind: "object"; readonly entries: readonly ConfigEntry[] }
  | { readonly kind: "list"; readonly items: readonly ConfigTree[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "number" }
  | { readonly kind: "null" }
);

export interface ConfigEntry {
  readonly key: string;
  readonly line: number;
  readonly value: ConfigTree;
}

/** Something about a text, before anything in it has a path. */
export interface TextProblem {
  /** 1-based. */
  readonly line?: number;
  /** One line, which quotes nothing that could be a secret. */
  readonly message: string;
}

/** What a text holds, or why the kubelet cannot read it. */
export type ReadText =
  | { readonly tree: ConfigTree; readonly remarks: readonly TextProblem[] }
  | { readonly problems: readonly TextProblem[] };

/** Deeper than any config: the kubelet knows no field so far down. */
export const MAX_DEPTH = 100;

/** The line of the key or item at the path, or of the nearest one above it that exists. */
export function lineOf(tree: ConfigTree, path: Path): number {
  let { line } = tree;
  let here: ConfigTree | undefined = tree;
  for (const step of path) {
    const next: ConfigEntry | undefined = memberOf(here, step);
    if (next === undefined) return line;
    line = next.line;
    here = next.value;
  }
  return line;
}

function memberOf(tree: ConfigTree, step: string | number): ConfigEntry | undefined {
  if (tree.kind === "object") return tree.entries.find(({ key }) => key === step);
  const item = tree.kind === "list" ? tree.items[Number(step)] : undefined;
  return item && { key: "", line: item.line, value: item };
}
