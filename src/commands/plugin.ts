import type { Failure } from "../failure/failure.ts";
import { asFailure } from "../failure/failure.ts";
import { newRecord, type RunRecord } from "../log/record.ts";
import { credentialsAnswer, notOursAnswer } from "../plugin/answer.ts";
import { isRefusal, provide } from "../plugin/provide.ts";
import { MAX_REQUEST_BYTES, parseRequest } from "../plugin/request.ts";
import { orTimeout } from "../run/lastResort.ts";
import { startRun } from "../run/startRun.ts";
import type { CommandContext } from "./context.ts";
import { type LogSettings, logFlags, logRun } from "./logging.ts";
import { loadRunConfig } from "./runConfig.ts";

/** The kubelet writes its request and closes stdin at once. */
const STDIN_TIMEOUT_MS = 10_000;

/**
 * The plugin itself: one CredentialProviderRequest in, one CredentialProviderResponse out, one line to the log.
 * Resolves to the exit status; the reason of a failure is one line on stderr.
 */
export async function plugin(context: CommandContext): Promise<number> {
  const startedAt = context.now();
  const record = newRecord();
  const log: { settings: LogSettings } = { settings: logFlags(context.flags) };
  let failure: Failure | undefined;
  try {
    context.print(await answer(context, record, log));
  } catch (error) {
    failure = asFailure(error);
    record.outcome = isRefusal(failure) ? "refused" : "failed";
    context.reportFailure(failure);
  }
  const finished = {
    record,
    startedAt,
    endedAt: context.now(),
    ...(failure === undefined ? {} : { failure }),
  };
  logRun(log.settings, finished, context.secrets);
  return failure?.exitStatus ?? 0;
}

/** The response's bytes. What is found out on the way goes into `record`, and how to log it into `log`. */
async function answer(
  context: CommandContext,
  record: RunRecord,
  log: { settings: LogSettings },
): Promise<string> {
  const request = parseRequest(await context.readStdin(MAX_REQUEST_BYTES, STDIN_TIMEOUT_MS));
  context.secrets.add(request.serviceAccountToken);
  record.image = request.image;
  const config = await loadRunConfig(context);
  log.settings = config.log;
  const run = startRun(context, config, record, context.secrets);
  const outcome = await orTimeout(run, provide(run, request));
  record.outcome = outcome.kind;
  if (outcome.kind === "notOurs") return notOursAnswer(request);
  record.cacheDurationSeconds = outcome.cacheDurationSeconds;
  return credentialsAnswer(request, outcome.host, outcome.credentials, outcome.cacheDurationSeconds);
}
