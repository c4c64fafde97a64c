import { readFileSync } from "node:fs";

interface Definition {
  readonly description?: string;
  readonly format?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly "x-kubernetes-group-version-kind"?: readonly { group: string; version: string; kind: string }[];
}

/**
 * The files that kubeconform reads, from the API's own OpenAPI 2 document: all definitions, strict as with `kubectl apply
 * --validate=strict`, and for each kind one that leads there, named as kubeconform's default template names it.
 */
export function* schemasFrom(document: string): Generator<[name: string, text: string]> {
  const { definitions } = JSON.parse(readFileSync(document, "utf8")) as {
    definitions: Record<string, Definition>;
  };
  const strict = Object.entries(definitions).map(([name, definition]) => [name, strictly(definition)]);
  yield ["_definitions.json", JSON.stringify({ definitions: Object.fromEntries(strict) })];
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition["x-kubernetes-group-version-kind"] ?? []) {
      const parts = [kind, group.split(".")[0], version].filter(Boolean);
      const $ref = `_definitions.json#/definitions/${name}`;
      yield [`${parts.join("-").toLowerCase()}.json`, JSON.stringify({ $ref })];
    }
  }
}

function strictly(definition: Definition): object {
  // OpenAPI 2 has no word for "one of two types".
  if (definition.format === "int-or-string") return { type: ["integer", "string"] };
  if (definition.description?.startsWith("Quantity is a fixed-point")) return { type: ["number", "string"] };
  return definition.properties === undefined ? definition : { ...definition, additionalProperties: false };
}
