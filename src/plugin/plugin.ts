import { type Command, type CommandContext, noOperands } from "../cli/command.ts";
import { logFlags } from "../cli/runConfig.ts";
import { asFailure, type Failure } from "../failure/failure.ts";
import { newRecord } from "../log/record.ts";
import { logRun } from "../log/runLine.ts";
import { orTimeout } from "../run/deadline.ts";
import { startRun } from "../run/run.ts";
import { type Answer, answerOf } from "./answer.ts";
import { type Outcome, provide, pullOf } from "./provide.ts";
import { pullConfig } from "./pullConfig.ts";
import { MAX_REQUEST_BYTES, type PluginRequest, parseRequest, requestVersions } from "./request.ts";
import { runResult } from "./runResult.ts";

/** The kubelet writes its request and closes stdin at once. */
const STDIN_TIMEOUT_MS = 10_000;

/** What the kubelet runs: one CredentialProviderRequest in, one CredentialProviderResponse out, one line to the log. */
export const plugin: Command = {
  name: "",
  ...noOperands,
  flags: ["--config", "--log-file", "--log-level"],
  help: "answer one CredentialProviderRequest on stdin, as the kubelet asks",
  run: answerKubelet,
};

async function answerKubelet(context: CommandContext): Promise<number> {
  const startedAt = context.now();
  const record = newRecord();
  let logSettings = logFlags(context.flags);
  let request: PluginRequest | undefined;
  let outcome: Outcome;
  try {
    request = parseRequest(await context.readStdin(MAX_REQUEST_BYTES, STDIN_TIMEOUT_MS));
    context.secrets.add(request.serviceAccountToken);
    const { config, cache, keep } = await pullConfig(context, record, request.image);
    logSettings = config.log;
    const run = {
      ...startRun(context, config, record, context.secrets, cache),
      ...(keep === undefined ? {} : { whileWaiting: keep }),
    };
    outcome = await orTimeout(run, provide(run, pullOf(run, request)));
  } catch (error) {
    outcome = { kind: "failed", failure: asFailure(error), ...(request && { image: request.image }) };
  }
  const answer = answerOf(outcome, request?.apiVersion ?? requestVersions[0], record.nodeRole);
  const { failure, exitStatus } = deliver(context, answer);
  const result = { ...runResult(outcome, failure), startedAt, endedAt: context.now() };
  logRun(logSettings, result, record, context.secrets);
  return exitStatus;
}

/** Hands the answer over. `failure`: why there are no credentials that open anything; in an outage with status 0. */
function deliver(context: CommandContext, answer: Answer): { failure?: Failure; exitStatus: number } {
  try {
    if ("failure" in answer) throw answer.failure;
    context.print(answer.response);
    if (answer.outage === undefined) return { exitStatus: 0 };
    context.reportFailure(answer.outage);
    return { failure: answer.outage, exitStatus: 0 };
  } catch (error) {
    const failure = asFailure(error);
    context.reportFailure(failure);
    return { failure, exitStatus: failure.exitStatus };
  }
}
