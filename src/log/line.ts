import type { Failure } from "../failure/failure.ts";
import { oneLine } from "../text/foreignText.ts";
import type { RunRecord } from "./record.ts";
import type { Secrets } from "./secrets.ts";

/** Long enough for every cause that this program words itself; foreign texts end here. */
const MAX_FAILURE_LENGTH = 2000;

/** The one line that a failure is on stderr: message, API details, remedy. No newline, no secret. */
export function failureLine(failure: Failure, secrets: Secrets): string {
  const { api, endpoint, httpStatus, requestId } = failure.details;
  const facts = [
    api === undefined ? undefined : `API ${api}`,
    endpoint === undefined ? undefined : `at ${endpoint}`,
    httpStatus === undefined ? undefined : `HTTP ${httpStatus}`,
    `code ${failure.code}`,
    requestId === undefined ? undefined : `request id ${requestId}`,
  ].filter((fact) => fact !== undefined);
  const remedy = failure.remedy === undefined ? "" : `; ${failure.remedy}`;
  const text = `${failure.message} (${facts.join(", ")})${remedy}`;
  return secrets.redact(oneLine(text).slice(0, MAX_FAILURE_LENGTH));
}

/** How important a run is, the least important first. The config's schema names the same levels. */
export const logLevels = ["info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The severity of a finished run: `error` when it failed, `warn` when it has something to say. */
export function runLevel(record: RunRecord, failure: Failure | undefined): LogLevel {
  if (failure !== undefined) return "error";
  return record.warnings.length > 0 ? "warn" : "info";
}

/** Whether a line of this level is wanted at the configured one. */
export function isLogged(level: LogLevel, configured: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(configured);
}

export interface FinishedRun {
  readonly record: RunRecord;
  readonly failure?: Failure;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The log's JSON line of one run (contract, section 8), newline included, secrets masked. */
export function runLine(run: FinishedRun, secrets: Secrets): string {
  const { warnings, ...facts } = run.record;
  const line = {
    time: new Date(run.startedAt).toISOString(),
    level: runLevel(run.record, run.failure),
    msg: message(run.record),
    ...facts,
    durationMs: Math.round(run.endedAt - run.startedAt),
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(run.failure === undefined
      ? {}
      : { error: { code: run.failure.code, message: oneLine(run.failure.message) } }),
  };
  return `${secrets.redact(JSON.stringify(line))}\n`;
}

function message(record: RunRecord): string {
  switch (record.outcome) {
    case "credentials":
      return "credentials returned";
    case "notOurs":
      return "not a registry of this config";
    case "refused":
      return "pull refused";
    default:
      return "no credentials";
  }
}
