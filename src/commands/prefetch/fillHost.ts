import { keptToken, wantedToken } from "../../acr/obtainToken.ts";
import { remainingMs } from "../../acr/token.ts";
import { Failure, restate } from "../../failure/failure.ts";
import { logRun } from "../../log/runLine.ts";
import { failureInContext } from "../../plugin/answer.ts";
import { type Outcome, provideForHost } from "../../plugin/provide.ts";
import { runResult } from "../../plugin/runResult.ts";
import { orTimeout } from "../../run/deadline.ts";
import type { Run } from "../../run/run.ts";
import { span } from "../../text/span.ts";
import { whyPod, withoutPod } from "../withoutPod.ts";
import { placeOf } from "./placeOf.ts";

type Filled = Outcome & { readonly kind: "credentials" };

/**
 * Puts the host's token into the cache and says what is there now: `fresh token, 60 min left (instance cri-… in
 * cn-hangzhou, as accessKey LTAI…)`.
 * @throws Failure that kept the token from being had, kept or renewed, in words that name the host.
 */
export async function fillHost(
  run: Run,
  host: string,
  renewBelowMs: number,
  say: (line: string) => void,
): Promise<void> {
  const startedAt = run.now();
  const outcome = await orTimeout(run, provideForHost(run, { host, renewBelowMs }));
  const failure = await failureOf(run, host, outcome);
  const result = { ...runResult(outcome, failure), startedAt, endedAt: run.now() };
  // That a registry needs a pod is no failure of a pull, of which the log tells.
  if (failure === undefined || whyPod(failure) === undefined)
    logRun(run.config.log, result, run.record, run.secrets);
  if (outcome.kind === "credentials") say(`${host}: ${await stateOf(run, outcome)}`);
  if (failure !== undefined) throw failure;
}

async function failureOf(run: Run, host: string, outcome: Outcome): Promise<Failure | undefined> {
  const { nodeRole } = run.record;
  switch (outcome.kind) {
    case "notOurs":
      return new Failure(`unable to get credentials for ${host}: it is not a registry of this config`, {
        code: "NotOurs",
        remedy: `see "aliyun-acr-credential-provider explain ${host}/any" for what was considered`,
      });
    case "refused":
    case "failed":
      return failureInContext(withoutPod(outcome.failure, "prefetch"), outcome, nodeRole);
    case "credentials": {
      const { notRenewed } = outcome;
      if (notRenewed !== undefined) {
        const words = `the cached token could not be renewed: ${notRenewed.message}`;
        return failureInContext(restate(notRenewed, { message: words }), outcome, nodeRole);
      }
      return (await isInCache(run, outcome)) ? undefined : notKept(run, outcome);
    }
  }
}

/** Fixed credentials are read at every pull. */
async function isInCache(run: Run, outcome: Filled): Promise<boolean> {
  return outcome.registry?.fixedCredentials !== undefined || (await tokenOf(run, outcome)) !== undefined;
}

async function tokenOf(run: Run, { registry, identity }: Filled) {
  if (registry === undefined || identity === undefined) return undefined;
  return keptToken(run, wantedToken(run, registry, identity));
}

function notKept({ record, config }: Run, outcome: Filled): Failure {
  const why = record.warnings.at(-1) ?? "the cache does not hold it afterwards";
  const failure = new Failure(`the token could not be kept: ${why}`, {
    code: "CacheUnusable",
    remedy: `check the disk, the owner and the mode of ${config.cache.directory}`,
  });
  return failureInContext(failure, outcome, record.nodeRole);
}

async function stateOf(run: Run, outcome: Filled): Promise<string> {
  const { registry, identity, cache } = outcome;
  const place = placeOf(registry ?? {});
  if (registry?.fixedCredentials !== undefined) {
    return `fixed credentials in ${registry.fixedCredentials.directory}, read at every pull (${place})`;
  }
  const token = await tokenOf(run, outcome);
  const left = token === undefined ? "not kept" : `${span(remainingMs(token, run.now()))} left`;
  const isFresh = cache === "miss" || cache === "wait";
  return `${isFresh ? "fresh" : "cached"} token, ${left} (${place}, as ${identity?.name})`;
}
