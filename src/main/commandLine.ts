import arg from "arg";
import type { Command } from "../commands/command.ts";
import { type FlagName, type FlagValues, flags } from "../commands/flags.ts";
import { Failure } from "../failure/failure.ts";
import { didYouMean } from "../text/nearest.ts";
import { commands, help, plugin, version } from "./commands.ts";

export interface Invocation {
  readonly command: Command;
  readonly operands: readonly string[];
  readonly flags: FlagValues;
}

/**
 * Reads the arguments (without executable). Flags are taken before and after the subcommand.
 * @throws Failure `Usage` (exit status 2) for an unknown command or flag, or a wrong number of operands.
 */
export function parseCommandLine(argv: readonly string[]): Invocation {
  const parsed = parseFlags(argv);
  const words = parsed._;
  const values = flagValues(parsed);
  if (values["--help"] === true) return { command: help, operands: words, flags: {} };
  if (values["--version"] === true) return { command: version, operands: [], flags: {} };
  const command = findCommand(words);
  const operands = words.slice(command.name === "" ? 0 : command.name.split(" ").length);
  checkOperands(command, operands);
  for (const flag of Object.keys(values) as FlagName[]) {
    if (!command.flags.includes(flag)) throw usage(`${flag} is not a flag of ${describe(command)}`, command);
  }
  return { command, operands, flags: values };
}

function parseFlags(argv: readonly string[]): arg.Result<arg.Spec> {
  const spec = Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag.type]));
  try {
    return arg(spec, { argv: [...argv] });
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code !== "ARG_UNKNOWN_OPTION") throw usage(message);
    const flag = /--?[^\s=]*/.exec(message)?.[0] ?? "";
    throw usage(`${flag} is not a flag${didYouMean(flag, Object.keys(flags))}`);
  }
}

function flagValues(parsed: arg.Result<arg.Spec>): FlagValues {
  const { _: _words, ...values } = parsed;
  return values as FlagValues;
}

/** The longest command name that the words start with; no word at all is the plugin itself. */
function findCommand(words: readonly string[]): Command {
  const [first] = words;
  if (first === undefined) return plugin;
  const found = [words.slice(0, 2).join(" "), first]
    .map((name) => commands.find((command) => command.name === name))
    .find((command) => command !== undefined);
  if (found !== undefined) return found;
  const names = commands.map((command) => command.name).filter((name) => name !== "");
  const group = names.filter((name) => name.startsWith(`${first} `));
  if (group.length > 0) throw usage(`${first} needs one of: ${group.join(", ")}`);
  const near = didYouMean(words.slice(0, 2).join(" "), names) || didYouMean(first, names);
  throw usage(`${first} is not a command${near}`);
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const { min, max } = command.operandCount;
  if (operands.length >= min && operands.length <= max) return;
  throw usage(
    `${describe(command)} takes ${command.operands === "" ? "no arguments" : command.operands}`,
    command,
  );
}

function describe(command: Command): string {
  return command.name === "" ? "the plugin" : command.name;
}

function usage(message: string, command?: Command): Failure {
  return new Failure(message, {
    code: "Usage",
    exitStatus: 2,
    remedy: `see aliyun-acr-credential-provider ${command?.name ? `${command.name} ` : ""}--help`,
  });
}
