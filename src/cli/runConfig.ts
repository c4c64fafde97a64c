import type { ProviderConfig } from "../config/config.ts";
import { loadConfig } from "../config/loadConfig.ts";
import { usageFailure } from "../failure/failure.ts";
import { type LogSettings, logLevels } from "../log/runLine.ts";
import type { CommandContext } from "./command.ts";
import type { FlagValues } from "./flags.ts";

const DEFAULT_MAX_SIZE_BYTES = 10 * 1024 * 1024;

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
