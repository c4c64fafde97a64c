import { formatPath, type Note, type Path, type Problem } from "./problem.ts";

/** What a config file says, in the native form, and where each part of it stands. */
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

/** A file that says nothing that could be checked. */
export function brokenSource(errors: readonly Problem[]): ConfigSource {
  return {
    format: "unknown",
    input: undefined,
    errors,
    warnings: [],
    secrets: [],
    locate: (path) => ({ path: formatPath(path) }),
  };
}
