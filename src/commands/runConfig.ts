import type { ProviderConfig } from "../config/config.ts";
import { loadConfig } from "../config/loadConfig.ts";
import type { CommandContext } from "./context.ts";
import { withLogFlags } from "./logging.ts";

/**
 * The effective config of this invocation, flags applied.
 * @throws Failure `ConfigInvalid` or `Usage` (exit status 2).
 */
export async function loadRunConfig({ flags, env, secrets }: CommandContext): Promise<ProviderConfig> {
  const { "--config": flag } = flags;
  const config = await loadConfig({
    env,
    onSecret: (value) => secrets.add(value),
    ...(typeof flag === "string" ? { flag } : {}),
  });
  return { ...config, log: withLogFlags(config.log, flags) };
}
