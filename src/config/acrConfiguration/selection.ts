import { splitList } from "../values.ts";

/** `watch-namespace`: a comma list, default `default`; `all` (one page writes `ALL`) means every namespace. */
export function namespacesOf(value: unknown): unknown {
  const names = namesOf(value);
  if (names === undefined) return value;
  return names.some((name) => name === "*" || name.toLowerCase() === "all") ? ["*"] : names;
}

/** `service-account`: a comma list, default `default`; `*` means every one in those namespaces. */
export function serviceAccountsOf(value: unknown): unknown {
  const names = namesOf(value);
  if (names === undefined) return value;
  return names.includes("*") ? ["*"] : names;
}

/** The names; pages print the default as `Default`, which no Kubernetes name can be. Undefined: no list of names. */
function namesOf(value: unknown): string[] | undefined {
  if (value === undefined) return ["default"];
  if (
    typeof value !== "string" &&
    !(Array.isArray(value) && value.every((item) => typeof item === "string"))
  ) {
    return undefined;
  }
  const names = splitList(value as string | string[]).map((name) => (name === "Default" ? "default" : name));
  return names.length === 0 ? ["default"] : names;
}
