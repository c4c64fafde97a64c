import type { Command, CommandContext } from "../../cli/command.ts";
import { validateConfig } from "../../config/loadConfig.ts";
import { validateOnNode } from "../../config/onNode/validateOnNode.ts";
import { formatProblem } from "../../config/problem.ts";
import { usageFailure } from "../../failure/failure.ts";

/**
 * `config validate [FILE]`: each problem on a line, with path and line; with `--node` also what the config names on
 * this node. Exit status 0, also with warnings; 2 with errors.
 */
export const configValidate: Command = {
  name: "config validate",
  operands: "[FILE]",
  operandCount: { min: 0, max: 1 },
  flags: ["--config", "--node"],
  help: "check a config file, each problem with its path and line; --node: and the files that it names",
  run: validate,
};

async function validate(context: CommandContext): Promise<number> {
  const { env, flags, operands, print, secrets } = context;
  const flag = operands[0] ?? flags["--config"];
  if (operands[0] !== undefined && flags["--config"] !== undefined) {
    throw usageFailure("config validate takes FILE or --config, not both", "name one file");
  }
  const options = {
    env,
    onSecret: (value: string) => secrets.add(value),
    ...(typeof flag === "string" ? { flag } : {}),
    ...(operands[0] === undefined ? {} : { flagName: "the FILE of config validate" }),
  };
  const onNode = flags["--node"] === true;
  const { errors, warnings, file } = await (onNode
    ? validateOnNode(options, context)
    : validateConfig(options));
  const name = file ?? "built-in defaults";
  const lines = [
    ...errors.map((problem) => `error: ${formatProblem(problem)}`),
    ...warnings.map((problem) => `warning: ${formatProblem(problem)}`),
    errors.length === 0
      ? `${name}: valid`
      : `${name}: ${errors.length} ${errors.length === 1 ? "error" : "errors"}`,
  ];
  print(secrets.redact(`${lines.join("\n")}\n`));
  return errors.length === 0 ? 0 : 2;
}
