import type { Command, CommandContext } from "../cli/command.ts";
import { flags } from "../cli/flags.ts";
import { plugin } from "../plugin/plugin.ts";
import { commands } from "./commands.ts";

const NAME = "aliyun-acr-credential-provider";

/** `help [COMMAND]`, and what `--help` prints. */
export const help: Command = {
  name: "help",
  operands: "[COMMAND]",
  operandCount: { min: 0, max: 2 },
  flags: [],
  help: "print this, or the help of a command",
  run: printHelp,
};

async function printHelp({ operands, print }: CommandContext): Promise<number> {
  const name = operands.join(" ");
  const command = name === help.name ? help : await commands[name]?.();
  print(command === undefined ? await overview() : commandHelp(command));
  return 0;
}

/** The usage of the executable as a whole. */
export async function overview(): Promise<string> {
  const all = [...(await Promise.all(Object.values(commands).map((load) => load()))), help];
  const rows = all.map(({ name, operands, help: about }) => [`${name} ${operands}`.trim(), about] as const);
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
    ...flagTable(plugin),
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
