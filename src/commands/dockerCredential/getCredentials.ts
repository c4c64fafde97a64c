import type { CommandContext } from "../../cli/command.ts";
import { loadRunConfig, logFlags } from "../../cli/runConfig.ts";
import { asFailure, Failure } from "../../failure/failure.ts";
import { parseHost } from "../../host/hostName.ts";
import { failureLine } from "../../log/failureLine.ts";
import { newRecord, type RunRecord } from "../../log/record.ts";
import { logRun } from "../../log/runLine.ts";
import { failureInContext } from "../../plugin/answer.ts";
import { type Outcome, provideForHost } from "../../plugin/provide.ts";
import { runResult } from "../../plugin/runResult.ts";
import { orTimeout } from "../../run/deadline.ts";
import { startRun } from "../../run/run.ts";
import { withoutPod } from "../withoutPod.ts";
import { readCaller } from "./readCaller.ts";

/**
 * By this sentence on stdout callers know that there are none, and go on without
 * (errCredentialsNotFoundMessage in credentials/error.go of github.com/docker/docker-credential-helpers); the reason is
 * for stderr, which docker hands through.
 */
const NOT_FOUND = "credentials not found in native keychain";

/** `get`: a server's URL or host on stdin, `{"ServerURL", "Username", "Secret"}` on stdout. */
export async function getCredentials(context: CommandContext): Promise<number> {
  const startedAt = context.now();
  const record = newRecord();
  let logSettings = logFlags(context.flags);
  let serverUrl = "";
  let outcome: Outcome;
  try {
    serverUrl = await readCaller(context);
    const host = hostOf(serverUrl);
    const config = await loadRunConfig(context);
    logSettings = config.log;
    const run = startRun(context, config, record, context.secrets);
    outcome = host === undefined ? { kind: "notOurs" } : await orTimeout(run, provideForHost(run, { host }));
  } catch (error) {
    outcome = { kind: "failed", failure: asFailure(error) };
  }
  const failure = failureOf(outcome, record);
  logRun(
    logSettings,
    { ...runResult(outcome, failure), startedAt, endedAt: context.now() },
    record,
    context.secrets,
  );
  if (outcome.kind === "credentials") {
    const { username: Username, password: Secret } = outcome.credentials;
    context.print(`${JSON.stringify({ ServerURL: serverUrl, Username, Secret })}\n`);
    return 0;
  }
  context.print(`${NOT_FOUND}\n`);
  if (failure !== undefined) context.complain(`${failureLine(failure, context.secrets)}\n`);
  return 1;
}

function failureOf(outcome: Outcome, { nodeRole }: RunRecord): Failure | undefined {
  if (outcome.kind === "credentials" || outcome.kind === "notOurs") return undefined;
  return failureInContext(withoutPod(outcome.failure, "docker-credential"), outcome, nodeRole);
}

/**
 * The host `host[:port]` of a server's URL, which may be without scheme and may have a path; undefined where there is
 * none that could be a registry's.
 * @throws Failure `RequestInvalid` for nothing at all, and for `http://`.
 */
function hostOf(serverUrl: string): string | undefined {
  if (serverUrl === "") throw invalid("it is empty");
  const [, scheme = "https", authority = ""] =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]*)/i.exec(serverUrl) ?? [];
  const host = parseHost(authority);
  if (host !== undefined && scheme.toLowerCase() === "http") {
    throw invalid(`a token would be sent to ${host} in the clear (http://)`);
  }
  return host;
}

function invalid(why: string): Failure {
  return new Failure(`unable to read the server's URL on stdin: ${why}`, {
    code: "RequestInvalid",
    remedy: "write the registry's host, such as registry.cn-hangzhou.aliyuncs.com, to stdin",
  });
}
