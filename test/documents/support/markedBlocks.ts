import { readFileSync } from "node:fs";
import { root } from "../../../scripts/project.ts";

/** A code block of a document that a comment before it marks: `<!-- in the kubelet's log: the plugin failed -->`. */
export interface MarkedBlock {
  /** Where its lines are found: `in the kubelet's log`. */
  readonly where: string;
  /** In which case: `the plugin failed`. */
  readonly what: string;
  readonly lines: readonly string[];
}

/** The index of symptoms, whose strings are looked for in what real kubelets write. */
export const symptoms = `${root}docs/troubleshooting.md`;

/** Every marked block of a document, in order. */
export function markedBlocks(file: string): MarkedBlock[] {
  const blocks = readFileSync(file, "utf8").matchAll(/^<!-- ([^:\n]+): ([^\n]+) -->\n```\w+\n(.*?)\n```$/gms);
  return [...blocks].map(([, where = "", what = "", text = ""]) => ({
    where,
    what,
    lines: text.split("\n"),
  }));
}

/** What the index of symptoms says that one sees there in this case. @throws where it does not say so. */
export function seen(where: string, what: string): readonly string[] {
  const block = markedBlocks(symptoms).find((each) => each.where === where && each.what === what);
  if (block === undefined) throw new Error(`${symptoms} has no block marked "${where}: ${what}"`);
  return block.lines;
}
