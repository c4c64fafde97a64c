import { type LoadOptions, type Validation, validateConfig } from "../loadConfig.ts";
import type { GradedFinding, Problem } from "../problem.ts";
import { type NodeOptions, problemsOnNode } from "./problemsOnNode.ts";

/**
 * `validateConfig`, and what the config names on this node, each with path and line. A config with errors of its own
 * names nothing that could be looked at.
 * @throws Failure `ConfigInvalid` (exit status 2) when there is no file to check or it cannot be read.
 */
export async function validateOnNode(
  options: LoadOptions,
  { now }: Pick<NodeOptions, "now">,
): Promise<Validation> {
  const validation = await validateConfig(options);
  const { config, errors, warnings, locate } = validation;
  if (config === undefined) return validation;
  const found = problemsOnNode(config, { now, onSecret: (value) => options.onSecret?.(value) });
  const of = (severity: GradedFinding["severity"]): Problem[] =>
    found
      .filter((problem) => problem.severity === severity)
      .map(({ path, message }) => ({ ...locate(path), message }));
  return { ...validation, errors: [...errors, ...of("error")], warnings: [...warnings, ...of("warning")] };
}
