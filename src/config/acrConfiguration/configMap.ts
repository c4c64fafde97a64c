import type { Path } from "../problem.ts";

export type Found = { readonly data: Path; readonly warning?: string } | { readonly problem: string };

type Mapping = Readonly<Record<string, unknown>>;

const NAME = "acr-configuration";

/**
 * Where the data of the `acr-configuration` ConfigMap is: a ConfigMap as kubectl exports it, a List of them, the
 * product documentation's samples (`data:` and nothing else), or the data (the add-on's parameters) by itself.
 */
export function findConfigMapData(value: Mapping): Found {
  const { kind, items } = value;
  if (kind === "ConfigMap") return dataOf(value, []);
  if ((kind === "List" || kind === "ConfigMapList") && Array.isArray(items)) return findInList(items);
  if (kind !== undefined)
    return { problem: wrongKind(typeof kind === "string" ? kind : JSON.stringify(kind)) };
  if (value.data !== undefined) {
    const found = dataOf(value, []);
    return "problem" in found ? found : { ...found, warning: `has no "kind: ConfigMap"; read as ${NAME}` };
  }
  return { data: [], warning: `has no kind; read as the data of ${NAME}` };
}

function dataOf(map: Mapping, path: Path): Found {
  const known = ["apiVersion", "kind", "metadata", "data", "binaryData", "immutable"];
  const stray = Object.keys(map).find((key) => !known.includes(key));
  if (stray !== undefined) {
    return { problem: `${stray} is not a key of a ConfigMap: the keys of ${NAME} go under data, indented` };
  }
  if (map.data !== undefined && map.data !== null && !isMapping(map.data)) {
    return { problem: "data must be a mapping" };
  }
  return { data: [...path, "data"] };
}

function findInList(items: readonly unknown[]): Found {
  const maps = items
    .map((item, index) => ({ item, index }))
    .filter((entry): entry is { item: Mapping; index: number } => isConfigMap(entry.item));
  const named = maps.filter(({ item }) => (item.metadata as Mapping | undefined)?.name === NAME);
  const [only] = named.length > 0 ? named : maps;
  if (only === undefined || (named.length !== 1 && maps.length !== 1)) {
    return { problem: `is a List that does not hold exactly one ConfigMap ${NAME}` };
  }
  return dataOf(only.item, ["items", only.index]);
}

function wrongKind(kind: string): string {
  if (kind === "CredentialProviderConfig") {
    return "is the kubelet's CredentialProviderConfig: --config wants the provider's own file, kind: ProviderConfig";
  }
  return `kind ${JSON.stringify(kind.slice(0, 60))} is not supported: write ProviderConfig, or copy the ConfigMap ${NAME}`;
}

function isConfigMap(value: unknown): value is Mapping {
  return isMapping(value) && value.kind === "ConfigMap";
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
