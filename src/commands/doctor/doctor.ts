import type { Command, CommandContext } from "../../cli/command.ts";
import { outputFormat } from "../../cli/flags.ts";
import { loadRunConfig } from "../../cli/runConfig.ts";
import { newRecord } from "../../log/record.ts";
import { startRun } from "../../run/run.ts";
import type { Check, Examine } from "./check.ts";

/**
 * `doctor [IMAGE…]`: says why a pull fails, by every check that can be made on this node. Exit status 1 where one fails.
 */
export const doctor: Command = {
  name: "doctor",
  operands: "[IMAGE...]",
  operandCount: { min: 0, max: 100 },
  flags: ["--config", "--output", "--offline"],
  help: "check everything that a pull needs on this node, each failure with its remedy",
  run: examineNode,
};

const groups: readonly Examine[] = [];

async function examineNode(context: CommandContext): Promise<number> {
  const { flags, secrets, operands, print } = context;
  const format = outputFormat(flags);
  const run = startRun(context, await loadRunConfig(context), newRecord(), secrets);
  const examination = { run, images: operands, offline: flags["--offline"] === true };
  const checks: Check[] = [];
  for (const examine of groups) {
    for await (const check of examine(examination)) {
      checks.push(check);
      if (format === "text") print(secrets.redact(`${textOf(check)}\n`));
    }
  }
  if (format === "json") print(secrets.redact(`${JSON.stringify({ checks }, null, 2)}\n`));
  return checks.some(({ status }) => status === "failed") ? 1 : 0;
}

function textOf({ status, group, subject, found, remedy }: Check): string {
  return `${status.padEnd(8)}${group.padEnd(11)}${subject}: ${found}${remedy === undefined ? "" : ` (${remedy})`}`;
}
