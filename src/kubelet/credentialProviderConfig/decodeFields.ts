import type { Path } from "../../config/problem.ts";
import { oneLine, quoted, shortened } from "../../text/foreignText.ts";
import { nearest } from "../../text/nearest.ts";
import type { ConfigEntry, ConfigTree } from "./configTree.ts";
import { parseGoDuration } from "./goDuration.ts";

/** Hears of one thing that the kubelet does not start with. */
export type Report = (path: Path, line: number, message: string) => void;

/** A field's value, if it is given, with its path and who hears of what is wrong with it. */
export type Field = readonly [value: ConfigTree | undefined, path: Path, report: Report];

/** What is to be said of an unknown field where more is known of it than that. */
export type Explain = (key: string) => string | undefined;

/** No field of the kubelet's has so long a name. */
const MAX_KEY = 60;

/**
 * The fields of an object, by name. Unknown and repeated ones are reported: the kubelet decodes strictly, and wants
 * names in the very case of its types. Nothing, and `null`, is an object without fields.
 */
export function fieldsOf(
  [tree, path, report]: Field,
  known: readonly string[],
  explain: Explain = () => undefined,
): (key: string) => Field {
  const fields = new Map<string, ConfigEntry>();
  if (tree?.kind === "object") {
    for (const entry of tree.entries) {
      const { key, line } = entry;
      if (!known.includes(key)) {
        const name = shortened(oneLine(key), MAX_KEY);
        report([...path, name], line, explain(key) ?? isUnknown(name, known));
      } else if (fields.has(key)) {
        report([...path, key], line, "appears here a second time: keep one");
      } else {
        fields.set(key, entry);
      }
    }
  } else if (isGiven(tree)) {
    report(path, tree.line, `is ${described[tree.kind]}: the kubelet wants a mapping of ${known.join(", ")}`);
  }
  return (key) => [fields.get(key)?.value, [...path, key], report];
}

function isUnknown(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const hint = meant === undefined ? `it knows ${known.join(", ")}` : `write ${meant}`;
  return `is a field that the kubelet does not know: ${hint}`;
}

/** To the decoder `null` is the same as nothing. */
function isGiven(tree: ConfigTree | undefined): tree is ConfigTree {
  return tree !== undefined && tree.kind !== "null";
}

const described: Readonly<Record<ConfigTree["kind"], string>> = {
  object: "a mapping",
  list: "a list",
  text: "text",
  // YAML 1.1 has more words for it than one thinks.
  boolean: "true or false (as yes, no, on and off are, too)",
  number: "a number",
  null: "nothing",
};

/** The items of a list as fields; none for nothing. */
export function listOf([tree, path, report]: Field): readonly Field[] {
  if (tree?.kind === "list") return tree.items.map((item, index) => [item, [...path, index], report]);
  if (isGiven(tree)) report(path, tree.line, `is ${described[tree.kind]}: the kubelet wants a list`);
  return [];
}

/** A text; "" for nothing. */
export function textOf([tree, path, report]: Field): string {
  if (tree?.kind === "text") return tree.text;
  if (isGiven(tree)) {
    const remedy =
      tree.kind === "list" || tree.kind === "object" ? "the kubelet wants text" : "put it in quotes";
    report(path, tree.line, `is ${described[tree.kind]}: ${remedy}`);
  }
  return "";
}

/** `true` or `false`; undefined for nothing. */
export function flagOf([tree, path, report]: Field): boolean | undefined {
  if (tree?.kind === "boolean") return tree.value;
  if (isGiven(tree)) {
    report(path, tree.line, `is ${described[tree.kind]}: write true or false, without quotes`);
  }
  return undefined;
}

/** Milliseconds of a Go duration; undefined for nothing. */
export function durationOf([tree, path, report]: Field): number | undefined {
  if (!isGiven(tree)) return undefined;
  const duration = tree.kind === "text" ? parseGoDuration(tree.text) : undefined;
  if (duration === undefined) {
    const what =
      tree.kind === "text" ? `${quoted(tree.text)} is not a duration` : `is ${described[tree.kind]}`;
    report(path, tree.line, `${what}: write one with its unit and in quotes, such as "0s" or "10m"`);
  }
  return duration;
}
