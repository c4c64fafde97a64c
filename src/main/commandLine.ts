import arg from "arg";
import type { Command, Invocation } from "../cli/command.ts";
import { type FlagName, type FlagValues, flags } from "../cli/flags.ts";
import { type Failure, usageFailure } from "../failure/failure.ts";
import { plugin } from "../plugin/plugin.ts";
import { didYouMean } from "../text/nearest.ts";
import { commands } from "./commands.ts";
import { isCredentialHelper } from "./pluginFlags.ts";

/** The command that docker's credential helper is. */
const HELPER = "docker-credential";

/** The command that lists the others. */
const HELP = "help";

/**
 * Reads the arguments (without executable) and loads the command that they choose. Flags are taken before and after
 * the subcommand. `executable`: what it was called by, name or path; as `docker-credential-NAME` it is docker's
 * credential helper.
 * @throws Failure `Usage` (exit status 2) for an unknown command or flag, or a wrong number of operands.
 */
export async function parseCommandLine(argv: readonly string[], executable: string): Promise<Invocation> {
  const { _: words, ...given } = parseFlags(isCredentialHelper(executable) ? [HELPER, ...argv] : argv);
  const values = given as FlagValues;
  if (values["--help"] === true) return { command: await loaded(HELP), operands: words, flags: {} };
  if (values["--version"] === true) return { command: await loaded("version"), operands: [], flags: {} };
  const command = words.length === 0 ? plugin : await loaded(commandName(words));
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
    const flag = /--?[^\s=]*/.exec(message)?.[0] ?? "";
    if (code === "ARG_MISSING_REQUIRED_LONGARG") throw usage(`${flag} needs a value`);
    if (code !== "ARG_UNKNOWN_OPTION") throw usage(message);
    throw usage(`${flag} is not a flag${didYouMean(flag, Object.keys(flags))}`);
  }
}

/** The longest name of a command that the words start with. */
function commandName(words: readonly string[]): string {
  const [first = ""] = words;
  const names = [...Object.keys(commands), HELP];
  const found = [words.slice(0, 2).join(" "), first].find((name) => names.includes(name));
  if (found !== undefined) return found;
  const group = names.filter((name) => name.startsWith(`${first} `));
  if (group.length > 0) throw usage(`${first} needs one of: ${group.join(", ")}`);
  const near = didYouMean(words.slice(0, 2).join(" "), names) || didYouMean(first, names);
  throw usage(`${first} is not a command${near}`);
}

async function loaded(name: string): Promise<Command> {
  if (name === HELP) return (await import("./help.ts")).help;
  return (commands[name] as () => Promise<Command>)();
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
  const words = command?.name ? `${command.name} ` : "";
  return usageFailure(message, `see aliyun-acr-credential-provider ${words}--help`);
}
