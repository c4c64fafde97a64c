import type { CommandContext } from "../commands/context.ts";
import { flags } from "../commands/flags.ts";
import { type Command, commands } from "./commands.ts";

const NAME = "acr-credential-provider";

/** `help [COMMAND]`, and what `--help` prints. */
export async function help({ operands, print }: CommandContext): Promise<number> {
  const command = Object.values(commands).find(({ name }) => name !== "" && name === operands.join(" "));
  print(command === undefined ? overview() : commandHelp(command));
  return 0;
}

/** The usage of the executable as a whole. */
export function overview(): string {
  const named = Object.values<Command>(commands).filter(({ name }) => name !== "");
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
    ...flagTable(commands.plugin),
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
