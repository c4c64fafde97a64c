/**
 * Writes the tables of docs/configuration.md from the schema of the config; `--check` only says whether they are
 * current (exit status 1 when not). A table stands between `<!-- table NAME -->` and `<!-- end -->`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { root } from "./project.ts";

interface Rules {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Rules>>;
  readonly required?: readonly string[];
  readonly items?: Rules;
  readonly minimum?: number;
  readonly maximum?: number;
}
type Schema = Rules & { readonly definitions: Readonly<Record<string, Rules>> };

const file = "docs/configuration.md";
const schema = JSON.parse(readFileSync(`${root}node-config/config.schema.json`, "utf8")) as Schema;

/** What a reader calls the definitions that have no table of their own. */
const words: Readonly<Record<string, string>> = {
  RegionId: "region ID",
  RoleArn: "ARN of a role",
  NameList: "list of names",
  AbsolutePath: "absolute path",
  Endpoint: "`host[:port]` or URL",
  Duration: "Go duration",
  RegistryConfig: "[entry](#entries-of-registries)",
  IdentityConfig: "[identity](#identity)",
  AssumeRoleConfig: "[role](#roles)",
};

const text = readFileSync(`${root}${file}`, "utf8");
const current = text.replace(
  /(<!-- table (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
  (_all, begin: string, name: string, end: string) => `${begin}\n${table(name)}\n${end}`,
);
if (process.argv[2] === "--check") {
  if (current !== text) {
    console.error(`${file} is not current: run "bun run scripts/configurationDoc.ts"`);
    process.exit(1);
  }
} else {
  writeFileSync(`${root}${file}`, current);
}

function table(name: string): string {
  const rules = name === "ProviderConfig" ? schema : schema.definitions[name];
  if (rules === undefined) throw new Error(`${file}: the schema has no ${name}`);
  return ["| key | value | default | meaning |", "| --- | --- | --- | --- |", ...rows(rules, ""), ""].join(
    "\n",
  );
}

/** A row for each key; a section's keys follow it as `section.key`. */
function rows(rules: Rules, prefix: string): string[] {
  return Object.entries(rules.properties ?? {}).flatMap(([key, property]) => {
    const name = `${prefix}${key}`;
    const cells = [
      `\`${name}\``,
      valueWords(property),
      defaultOf(property, rules.required?.includes(key)),
      meaning(property),
    ];
    return [`| ${cells.map(cell).join(" | ")} |`, ...rows(property, `${name}.`)];
  });
}

function valueWords(rules: Rules): string {
  const name = rules.$ref?.replace("#/definitions/", "");
  const known = name === undefined ? undefined : words[name];
  if (known !== undefined) return known;
  const own = name === undefined ? rules : { ...schema.definitions[name], ...rules };
  if (own.const !== undefined) return `\`${own.const}\``;
  if (own.enum !== undefined) return own.enum.map((value) => `\`${value}\``).join(", ");
  if (own.minimum !== undefined) return `${own.minimum} to ${own.maximum}`;
  const types = [own.type ?? []].flat().map((type) => typeName(type, own));
  return types.join(" or ");
}

function typeName(type: string, { items }: Rules): string {
  switch (type) {
    case "array":
      return `list of ${items === undefined ? "values" : valueWords(items)}`;
    case "object":
      return "section";
    case "boolean":
      return "`true`, `false`";
    case "string":
      return "text";
    default:
      return type;
  }
}

function defaultOf(rules: Rules, required: boolean | undefined): string {
  if (required) return "required";
  if (rules.default === undefined || isEmptySection(rules.default)) return "";
  return `\`${JSON.stringify(rules.default)}\``;
}

function isEmptySection(value: unknown): boolean {
  return JSON.stringify(value) === "{}";
}

function meaning(rules: Rules): string {
  const { description, $ref } = rules;
  return description ?? schema.definitions[$ref?.replace("#/definitions/", "") ?? ""]?.description ?? "";
}

function cell(content: string): string {
  return content.replaceAll("|", "\\|");
}
