import { type Command, type CommandContext, noOperands } from "../../cli/command.ts";
import { loadRunConfig } from "../../cli/runConfig.ts";
import { showConfig } from "../../config/showConfig.ts";

/** `config show`: the effective config as YAML, defaults filled in, secrets masked. */
export const configShow: Command = {
  name: "config show",
  ...noOperands,
  flags: ["--config"],
  help: "print the effective config, defaults filled in, secrets masked",
  run: showEffective,
};

async function showEffective(context: CommandContext): Promise<number> {
  context.print(context.secrets.redact(showConfig(await loadRunConfig(context))));
  return 0;
}
