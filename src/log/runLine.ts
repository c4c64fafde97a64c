import type { Failure } from "../failure/failure.ts";
import { oneLine } from "../text/foreignText.ts";
import { appendToLog } from "./logFile.ts";
import type { CacheState, RunRecord } from "./record.ts";
import type { Secrets } from "./secrets.ts";

/** How important a run is, the least important first. The config's schema names the same levels. */
export const logLevels = ["info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Where runs are logged, and from which level on. */
export interface LogSettings {
  readonly file?: string;
  readonly level: LogLevel;
  readonly maxSizeBytes: number;
}

/** What came of a run, and how far it got. */
export interface RunResult {
  readonly outcome: "credentials" | "notOurs" | "refused" | "failed";
  readonly image?: string;
  readonly host?: string;
  readonly edition?: "enterprise" | "personal";
  readonly instanceId?: string;
  readonly regionId?: string;
  readonly identity?: string;
  readonly cache?: CacheState;
  readonly cacheDurationSeconds?: number;
  readonly failure?: Failure;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Writes the line of a run where the settings say so. A log that cannot be written never fails a pull. */
export function logRun(settings: LogSettings, result: RunResult, record: RunRecord, secrets: Secrets): void {
  const level = levelOf(result, record);
  if (settings.file === undefined || logLevels.indexOf(level) < logLevels.indexOf(settings.level)) return;
  appendToLog(settings.file, settings.maxSizeBytes, runLine(result, record, secrets));
}

/** The log's JSON line of one run (contract, section 8), newline included, secrets masked. */
export function runLine(result: RunResult, record: RunRecord, secrets: Secrets): string {
  const { outcome, failure, startedAt, endedAt, cache, cacheDurationSeconds, ...facts } = result;
  const { calls, warnings, nodeRole } = record;
  const line = {
    time: new Date(startedAt).toISOString(),
    level: levelOf(result, record),
    msg: messages[outcome],
    ...facts,
    nodeRole,
    outcome,
    cache,
    cacheDurationSeconds,
    calls,
    durationMs: Math.round(endedAt - startedAt),
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(failure === undefined
      ? {}
      : { error: { code: failure.code, message: secrets.redact(oneLine(failure.message)) } }),
  };
  return `${secrets.redact(JSON.stringify(line))}\n`;
}

/** `error` for a run that failed, `warn` for one that has something to say. */
function levelOf({ failure }: RunResult, { warnings }: RunRecord): LogLevel {
  if (failure !== undefined) return "error";
  return warnings.length > 0 ? "warn" : "info";
}

const messages: Readonly<Record<RunResult["outcome"], string>> = {
  credentials: "credentials returned",
  notOurs: "not a registry of this config",
  refused: "pull refused",
  failed: "no credentials",
};
