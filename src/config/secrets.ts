import { secretKeys } from "./problem.ts";

/** Every secret in a config of whatever shape, as its values are found: also in one that is no valid config. */
export function secretValues(value: unknown, seen = new Set<unknown>()): string[] {
  // An alias may make a value part of itself.
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  const found: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (secretKeys.includes(key)) {
      if (typeof item === "string" || typeof item === "number") found.push(String(item));
    } else {
      found.push(...secretValues(item, seen));
    }
  }
  return found;
}
