import { showConfig } from "../../config/showConfig.ts";
import type { CommandContext } from "../context.ts";
import { loadRunConfig } from "../runConfig.ts";

/** `config show`: the effective config as YAML, defaults filled in, secrets masked. */
export async function configShow(context: CommandContext): Promise<number> {
  context.print(context.secrets.redact(showConfig(await loadRunConfig(context))));
  return 0;
}
