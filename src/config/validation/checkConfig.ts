import { type ProviderConfig, restrictsAccess } from "../config.ts";
import type { ConfigSource } from "../configSource.ts";
import { effectiveConfig, type FilledConfig } from "../effectiveConfig.ts";
import { validate } from "../generated/validate.js";
import { type Finding, type Findings, formatProblem, type Path, type Problem } from "../problem.ts";
import { checkIdentity } from "./identity.ts";
import { checkRegion, checkRegistries } from "./registries.ts";
import { checkEndpoints, checkServiceAccounts, checkTimes } from "./settings.ts";

export interface CheckedConfig {
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Absent when there are errors. */
  readonly config?: ProviderConfig;
}

/**
 * A config checked by the schema, and by what no schema can say: all that is wrong or odd with it, and what it comes
 * to.
 */
export async function checkConfig(source: ConfigSource, file: string | undefined): Promise<CheckedConfig> {
  if (source.input === undefined) return { errors: source.errors, warnings: source.warnings };
  const { input } = source;
  const refused = validate(input) ? [] : await refusals(input);
  const errors = [...refused];
  const warnings: Finding[] = [];
  checkMeaning(input as FilledConfig, {
    error: (path, message) => errors.push({ path, message }),
    warn: (path, message) => warnings.push({ path, message }),
    passesSchema: (path) => refused.every((finding) => !isWithin(finding.path, path)),
    spelledPath: (path) => source.locate(path).path,
  });
  const locate = ({ path, message }: Finding): Problem => ({ ...source.locate(path), message });
  const all = {
    errors: unique([...source.errors, ...errors.map(locate)]),
    warnings: unique([...source.warnings, ...warnings.map(locate)]),
  };
  if (all.errors.length > 0) return all;
  return { ...all, config: effectiveConfig(input as FilledConfig, file) };
}

async function refusals(input: unknown): Promise<Finding[]> {
  const { schemaFindings } = await import("./schemaFindings.ts");
  return schemaFindings(input, validate.errors ?? []);
}

/**
 * What no schema can say: values that cannot be, parts that do not fit together (errors), and settings that do
 * something else than they seem to do (warnings).
 */
function checkMeaning(input: FilledConfig, findings: Findings): void {
  checkTimes(input, findings);
  checkEndpoints(input, findings);
  checkRegion(input.defaultRegion, ["defaultRegion"], findings);
  const context = {
    annotations:
      findings.passesSchema(["serviceAccountAnnotations"]) && input.serviceAccountAnnotations.enabled,
    restricted: findings.passesSchema(["access"]) && restrictsAccess(input),
  };
  if (findings.passesSchema(["identity"])) checkIdentity(input.identity, ["identity"], context, findings);
  checkRegistries(input, context, findings);
  checkServiceAccounts(input, findings);
}

/** One line of a foreign format may be several native keys, all with the same problem. */
function unique(problems: readonly Problem[]): Problem[] {
  const lines = problems.map(formatProblem);
  return problems.filter((problem, index) => lines.indexOf(formatProblem(problem)) === index);
}

function isWithin(path: Path, outer: Path): boolean {
  return outer.every((step, index) => path[index] === step);
}
