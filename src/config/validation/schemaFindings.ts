import schema from "../../../node-config/config.schema.json" with { type: "json" };
import { quoted } from "../../text/foreignText.ts";
import { didYouMean } from "../../text/nearest.ts";
import { secretKeys } from "../configSource.ts";
import type { SchemaError } from "../generated/validate.js";
import type { Finding, Path } from "../problem.ts";

type Rules = Readonly<Record<string, unknown>>;

/** What the schema refuses, in words: the key path, what is allowed, and the nearest known key or value. */
export function schemaFindings(value: unknown, errors: readonly SchemaError[]): Finding[] {
  return errors.map((error) => finding(value, error));
}

function finding(root: unknown, error: SchemaError): Finding {
  const path = pathOf(root, error.instancePath);
  const rules = rulesAt(path);
  const value = valueAt(root, path);
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey([...path, String(error.params.additionalProperty)], rules);
    case "required": {
      const key = String(error.params.missingProperty);
      return { path: [...path, key], message: `is missing${exampleOf(rules, key)}` };
    }
    case "enum":
      return { path, message: notAmong(value, error.params.allowedValues as readonly string[]) };
    case "const":
      return { path, message: `must be ${String(error.params.allowedValue)}${insteadOf(path, value)}` };
    case "type":
      return {
        path,
        message: `${wanted(rules, error.params.type)}, not ${foundInstead(path, rules, value)}`,
      };
    case "pattern":
      return { path, message: `${String(rules.patternErrorMessage)}${insteadOf(path, value)}` };
    default:
      return { path, message: limit(error.keyword, error.params.limit) };
  }
}

function unknownKey(path: Path, rules: Rules): Finding {
  const word = String(path.at(-1));
  const known = Object.keys((rules.properties ?? {}) as Rules);
  const homes = sectionsWith(word);
  const hint = homes.length > 0 ? `; it belongs to ${homes.join(" or ")}` : didYouMean(word, known);
  return { path, message: `unknown key${hint} (known: ${known.join(", ")})` };
}

/** The sections of the config that have the key: `registries[]`, `timeouts`. */
function sectionsWith(key: string): string[] {
  return Object.entries(schema.properties as Record<string, Rules>).flatMap(([name, rules]) => {
    const section = resolved(rules);
    const isList = section.items !== undefined;
    const { properties = {} } = isList ? resolved(section.items as Rules) : section;
    return key in (properties as Rules) ? [isList ? `${name}[]` : name] : [];
  });
}

/** `; write "kind: ProviderConfig"`, where only one value is possible. */
function exampleOf(rules: Rules, key: string): string {
  const property = ((rules.properties ?? {}) as Record<string, Rules | undefined>)[key];
  return property?.const === undefined ? "" : `; write "${key}: ${String(property.const)}"`;
}

function notAmong(value: unknown, allowed: readonly string[]): string {
  const found =
    typeof value === "string"
      ? `, not ${quoted(value)}${didYouMean(value, allowed)}`
      : `, not ${kindOf(value)}`;
  return `must be one of ${allowed.join(", ")}${found}`;
}

function isSecret(path: Path): boolean {
  return path.some((step) => secretKeys.includes(String(step)));
}

/** The value that was found instead; never a secret one. */
function insteadOf(path: Path, value: unknown): string {
  if (isSecret(path)) return "";
  return typeof value === "string" ? `, not ${quoted(value)}` : `, not ${kindOf(value)}`;
}

const typeNames: Readonly<Record<string, string>> = {
  array: "a list",
  object: "a mapping",
  string: "text",
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
};

function expected(type: unknown): string {
  const types = Array.isArray(type) ? type : [type];
  return types.map((name) => typeNames[String(name)] ?? String(name)).join(" or ");
}

/** What a value of another type should have been: its form, where the schema has words for one. */
function wanted({ patternErrorMessage }: Rules, type: unknown): string {
  return typeof patternErrorMessage === "string" ? patternErrorMessage : `must be ${expected(type)}`;
}

/** What is there instead; quotes help only where the same letters as text would do. */
function foundInstead(path: Path, rules: Rules, value: unknown): string {
  if (isSecret(path)) return typeof value;
  const { pattern = "", type } = rules;
  const isOther = typeof value === "number" || typeof value === "boolean";
  const helps = isOther && type === "string" && new RegExp(String(pattern), "u").test(String(value));
  return `${kindOf(value)}${helps ? " (quote it to make it text)" : ""}`;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  return typeof value === "object" ? "a mapping" : `the ${typeof value} ${String(value)}`;
}

function limit(keyword: string, bound: unknown): string {
  switch (keyword) {
    case "minLength":
    case "minItems":
      return Number(bound) === 1 ? "must not be empty" : `must have at least ${bound} characters`;
    case "maxLength":
      return `must have at most ${bound} characters`;
    case "minimum":
      return `must be at least ${bound}`;
    case "maximum":
      return `must be at most ${bound}`;
    default:
      return `is not allowed (${keyword})`;
  }
}

/** The steps of a JSON pointer: list positions as numbers. */
function pathOf(root: unknown, pointer: string): Path {
  let value = root;
  return unescaped(pointer).map((step) => {
    const position = Array.isArray(value) ? Number(step) : step;
    value = (value as Record<string | number, unknown> | undefined)?.[position];
    return position;
  });
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string | number, unknown>)?.[step], root);
}

/** What the schema says about the value at the path. */
function rulesAt(path: Path): Rules {
  return path.reduce<Rules>((outer, step) => {
    const inner = typeof step === "number" ? outer.items : (outer.properties as Rules | undefined)?.[step];
    return resolved((inner ?? {}) as Rules);
  }, schema);
}

/** A rule with what it refers to. */
function resolved(rules: Rules): Rules {
  if (typeof rules.$ref !== "string") return rules;
  return { ...(valueAt(schema, unescaped(rules.$ref.replace(/^#/, ""))) as Rules), ...rules };
}

function unescaped(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
}
