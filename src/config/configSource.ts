import { formatPath, type Note, type Path, type Problem } from "./problem.ts";

/** What a config file says, in the native form, and where each part of it is. */
export interface ConfigSource {
  /** `unknown`: it could not be read that far. */
  readonly format: "native" | "acr-configuration" | "unknown";
  /** Not checked yet. */
  readonly input: unknown;
  /** What was wrong, or odd, in getting that far. */
  readonly errors: readonly Problem[];
  readonly warnings: readonly Note[];
  /** Secrets that `input` may not show, because getting that far failed. */
  readonly secrets: readonly string[];
  /** The path as the file spells it, and its line. */
  locate(path: Path): Pick<Problem, "path" | "line">;
}

/** A config that is in the native form already. `lineOf`: the line of a path, where lines are known. */
export function nativeSource(
  input: unknown,
  lineOf: (path: Path) => number | undefined = () => undefined,
): ConfigSource {
  const locate = (path: Path) => {
    const line = lineOf(path);
    return { path: formatPath(path), ...(line === undefined ? {} : { line }) };
  };
  return { format: "native", input, errors: [], warnings: [], secrets: [], locate };
}

/** A file that says nothing that could be checked. */
export function brokenSource(errors: readonly Problem[]): ConfigSource {
  return { ...nativeSource(undefined), format: "unknown", errors };
}

/** Keys whose value is a secret wherever they appear; the schema marks the same ones `writeOnly`. */
export const secretKeys: readonly string[] = ["accessKeySecret", "securityToken"];

/** Every secret that the source is known to hold. */
export function secretsOf({ secrets, input }: ConfigSource): string[] {
  return [...secrets, ...secretValues(input)];
}

/** Every secret in a config of whatever shape, also in one that is not valid. */
function secretValues(value: unknown, seen = new Set<unknown>()): string[] {
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
