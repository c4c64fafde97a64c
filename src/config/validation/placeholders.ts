import { type ConfigSource, secretKeys } from "../configSource.ts";
import type { Path, Problem } from "../problem.ts";

/** Accounts of examples: this program's documents, and Alibaba Cloud's. */
const exampleAccounts = ["1609982529000000", "1298452580000000", "1234567890123456"];

/** IDs and host labels of which nothing but one letter is left: `cri-xxxxxxxxxxxxxxxx`, `crpi-aaaa`, `LTAIxxxx`. */
const emptyId = /\b(?:crp?i-|LTAI)([a-z0-9])\1{2,}(?![a-z0-9])/i;
const toBeFilledIn = /<[^<>]+>|…|\*{3,}/;

/** What an example left to be filled in and nobody has: warnings, each with path and line. */
export function placeholdersIn(source: ConfigSource): Problem[] {
  return textsIn(source.input).flatMap(({ path, text }) => {
    const what = placeholderIn(text);
    if (what === undefined) return [];
    const key = String(path.at(-1));
    const place = source.locate(path);
    if (!secretKeys.includes(key)) return [{ ...place, message: `${what}: write your own` }];
    // What stands behind the name of a secret is masked.
    const message = `${key} is a placeholder: write your own`;
    return [{ ...place, path: source.locate(path.slice(0, -1)).path, message }];
  });
}

function placeholderIn(text: string): string | undefined {
  const [id] = emptyId.exec(text) ?? [];
  if (id !== undefined) return `${id} is the placeholder of an example`;
  const account = exampleAccounts.find((one) => text.startsWith(`acs:ram::${one}:`));
  if (account !== undefined) return `${account} is the account of an example`;
  const [gap] = toBeFilledIn.exec(text) ?? [];
  return gap === undefined ? undefined : `${JSON.stringify(gap)} is a placeholder`;
}

/** Every text in a config of whatever shape. */
function textsIn(value: unknown, path: Path = [], seen = new Set<unknown>()): { path: Path; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  // An alias may make a value part of itself.
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  const steps: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return steps.flatMap(([step, item]) => textsIn(item, [...path, step], seen));
}
