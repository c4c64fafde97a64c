import { problemOfDirectory } from "../../cache/listing.ts";
import type { Command, CommandContext } from "../../cli/command.ts";
import type { ProviderConfig } from "../../config/config.ts";
import { validateConfig } from "../../config/loadConfig.ts";
import { formatProblem, type Problem } from "../../config/problem.ts";
import { usageFailure } from "../../failure/failure.ts";

/**
 * `config validate [FILE]`: each problem on a line, with path and line. Exit status 0, also with warnings; 2 with
 * errors.
 */
export const configValidate: Command = {
  name: "config validate",
  operands: "[FILE]",
  operandCount: { min: 0, max: 1 },
  flags: ["--config"],
  help: "check a config file, each problem with its path and line",
  run: validate,
};

async function validate(context: CommandContext): Promise<number> {
  const { env, flags, operands, print, secrets } = context;
  const flag = operands[0] ?? flags["--config"];
  if (operands[0] !== undefined && flags["--config"] !== undefined) {
    throw usageFailure("config validate takes FILE or --config, not both", "name one file");
  }
  const { config, errors, warnings, file } = await validateConfig({
    env,
    onSecret: (value) => secrets.add(value),
    ...(typeof flag === "string" ? { flag } : {}),
  });
  const name = file ?? "built-in defaults";
  const lines = [
    ...errors.map((problem) => `error: ${formatProblem(problem)}`),
    ...[...warnings, ...unusableCache(config)].map((problem) => `warning: ${formatProblem(problem)}`),
    errors.length === 0
      ? `${name}: valid`
      : `${name}: ${errors.length} ${errors.length === 1 ? "error" : "errors"}`,
  ];
  print(secrets.redact(`${lines.join("\n")}\n`));
  return errors.length === 0 ? 0 : 2;
}

/** A cache directory that would not be used, so that each pull makes calls. */
function unusableCache(config: ProviderConfig | undefined): Problem[] {
  const problem = config?.cache.enabled ? problemOfDirectory(config.cache.directory) : undefined;
  if (problem === undefined) return [];
  return [{ path: "cache.directory", message: `is not used, so that every run makes calls: ${problem}` }];
}
