import type { Command, RunCommand } from "../commands/command.ts";
import { flags } from "../commands/flags.ts";

const NAME = "aliyun-acr-credential-provider";

/** `help [COMMAND]`, and what `--help` prints. */
export function helpFor(commands: readonly Command[]): RunCommand {
  return async ({ operands, print }) => {
    const command = commands.find(({ name }) => name !== "" && name === operands.join(" "));
    print(command === undefined ? overview(commands) : commandHelp(command));
    return 0;
  };
}

/** The usage of the executable as a whole. */
export function overview(commands: readonly Command[]): string {
  const named = commands.filter(({ name }) => name !== "");
  const rows = named.map(({ name, operands, help }) => [`${name} ${operands}`.trim(), help] as const);
  return [
    `${NAME}: the kubelet image credential provider for Alibaba Cloud Container Registry (ACR)`,
    "",
    `Usage: ${NAME} [--config FILE] [--log-file FILE] [--log-level LEVEL] < CredentialProviderRequest`,
    `       ${NAME} COMMAND [ARGUMENTS] [FLAGS]`,
    "",
    "Commands:",
    ...table(rows),
    "",
    "Flags (before or after the command):",
    ...commands.filter(({ name }) => name === "").flatMap(flagTable),
    "",
    "Exit status: 0 done; 1 it could not be done; 2 wrong usage, wrong config or a malformed request.",
    "",
  ].join("\n");
}

function commandHelp(command: Command): string {
  const usage = [NAME, command.name, command.operands, "[FLAGS]"].filter((word) => word !== "").join(" ");
  return [`Usage: ${usage}`, "", command.help, "", "Flags:", ...flagTable(command), ""].join("\n");
}

function flagTable(command: Command): string[] {
  const rows = [...command.flags, "--help" as const].map((name) => {
    const flag = flags[name];
    return ["value" in flag ? `${name} ${flag.value}` : name, flag.help] as const;
  });
  return table(rows);
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
