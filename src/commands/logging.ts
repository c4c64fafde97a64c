import { Failure } from "../failure/failure.ts";
import { type FinishedRun, isLogged, type LogLevel, logLevels, runLevel, runLine } from "../log/line.ts";
import { appendToLog } from "../log/logFile.ts";
import type { Secrets } from "../log/secrets.ts";
import type { FlagValues } from "./flags.ts";

/** Where a run is logged; the config's `log`. */
export interface LogSettings {
  readonly file?: string;
  readonly level: LogLevel;
  readonly maxSizeBytes: number;
}

const DEFAULT_MAX_SIZE_BYTES = 10 * 1024 * 1024;

/** What the flags alone say of the log: all there is to go by until the config is read, or if it cannot be. */
export function logFlags(flags: FlagValues): LogSettings {
  return withLogFlags({ level: "info", maxSizeBytes: DEFAULT_MAX_SIZE_BYTES }, flags);
}

/** `--log-file` and `--log-level` over the config's settings. @throws Failure `Usage` for an unknown level. */
export function withLogFlags(settings: LogSettings, flags: FlagValues): LogSettings {
  const { "--log-file": file, "--log-level": wanted } = flags;
  const level = wanted === undefined ? settings.level : logLevels.find((name) => name === wanted);
  if (level === undefined) {
    throw new Failure(`--log-level ${wanted} is not a level`, {
      code: "Usage",
      exitStatus: 2,
      remedy: `use one of ${logLevels.join(", ")}`,
    });
  }
  return { ...settings, level, ...(typeof file === "string" ? { file } : {}) };
}

/** Writes the run's line where the settings say so. A log that cannot be written is no failure. */
export function logRun(settings: LogSettings, run: FinishedRun, secrets: Secrets): void {
  if (settings.file === undefined || !isLogged(runLevel(run.record, run.failure), settings.level)) return;
  appendToLog(settings.file, settings.maxSizeBytes, runLine(run, secrets));
}
