import type { ProviderConfig } from "../config/config.ts";
import { type FoundFile, findConfigFile } from "../config/configFile.ts";
import { usageFailure } from "../failure/failure.ts";
import { type LogSettings, logLevels } from "../log/runLine.ts";
import type { CommandContext } from "./command.ts";
import type { FlagValues } from "./flags.ts";

const DEFAULT_MAX_SIZE_BYTES = 10 * 1024 * 1024;

/**
 * The effective config of this invocation, flags applied.
 * @throws Failure `ConfigInvalid` or `Usage` (exit status 2).
 */
export async function loadRunConfig(context: CommandContext): Promise<ProviderConfig> {
  return withFlags(await parsedConfig(context, foundConfig(context)), context);
}

/** The config file of this invocation. @throws Failure `ConfigInvalid` (exit status 2). */
export function foundConfig({ flags, env }: CommandContext): FoundFile {
  const { "--config": flag } = flags;
  return findConfigFile({ env, ...(typeof flag === "string" ? { flag } : {}) });
}

/** What the file comes to, without the flags. @throws Failure `ConfigInvalid` (exit status 2). */
export async function parsedConfig({ secrets }: CommandContext, found: FoundFile): Promise<ProviderConfig> {
  const { configOf } = await import("../config/loadConfig.ts");
  return configOf(found, { onSecret: (value) => secrets.add(value) });
}

/** The config with what the flags say over it. @throws Failure `Usage` (exit status 2). */
export function withFlags(config: ProviderConfig, { flags }: CommandContext): ProviderConfig {
  return { ...config, log: withLogFlags(config.log, flags) };
}

/** What the flags alone say of the log: all there is to go by until the config is read, or if it cannot be. */
export function logFlags(flags: FlagValues): LogSettings {
  return withLogFlags({ level: "info", maxSizeBytes: DEFAULT_MAX_SIZE_BYTES }, flags);
}

/** `--log-file` and `--log-level` over the config's settings. @throws Failure `Usage` for an unknown level. */
function withLogFlags(settings: LogSettings, flags: FlagValues): LogSettings {
  const { "--log-file": file, "--log-level": wanted } = flags;
  const level = wanted === undefined ? settings.level : logLevels.find((name) => name === wanted);
  if (level === undefined)
    throw usageFailure(`--log-level ${wanted} is not a level`, `use one of ${logLevels.join(", ")}`);
  return { ...settings, level, ...(typeof file === "string" ? { file } : {}) };
}
