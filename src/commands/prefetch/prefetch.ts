import { problemOfDirectory } from "../../cache/listing.ts";
import type { Command, CommandContext } from "../../cli/command.ts";
import type { FlagValues } from "../../cli/flags.ts";
import { loadRunConfig } from "../../cli/runConfig.ts";
import type { ProviderConfig } from "../../config/config.ts";
import { parseDuration } from "../../config/values.ts";
import { Failure, usageFailure } from "../../failure/failure.ts";
import { parseHost } from "../../host/hostName.ts";
import { failureLine } from "../../log/failureLine.ts";
import { imageHost } from "../../registry/imageReference.ts";
import { fillCache } from "./fillCache.ts";
import { Filler, type Tally } from "./filler.ts";
import { renewKept } from "./renewKept.ts";

/**
 * `prefetch [HOST|IMAGE…]`: puts the tokens into the cache that the kubelet's pulls will want, by the code of a pull. Exit
 * status 1 when one could not be had, and when there is nothing that could be had without a pod. With `--renew-before`
 * and without operands: renews what the cache holds, and 1 only when that fails.
 */
export const prefetch: Command = {
  name: "prefetch",
  operands: "[HOST|IMAGE…]",
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  flags: ["--config", "--log-file", "--log-level", "--renew-before"],
  help: "fill the token cache, for all configured registries unless hosts are named",
  run: prefetchTokens,
};

async function prefetchTokens(context: CommandContext): Promise<number> {
  const { operands, flags, secrets, now } = context;
  const hosts = operands.map(hostOf);
  const renewBelowMs = renewBelow(flags);
  const config = await loadRunConfig(context);
  checkCache(config);
  const report = (failure: Failure) => context.complain(`${failureLine(failure, secrets)}\n`);
  const filler = new Filler(context, config, {
    renewBelowMs: renewBelowMs ?? 0,
    skipsPods: hosts.length === 0,
    report,
  });
  const { tally } = filler;
  if (renewBelowMs !== undefined && hosts.length === 0) {
    const say = (line: string) => context.print(secrets.redact(`${line}\n`));
    await renewKept(filler, config.cache.directory, { renewBelowMs, now: now(), say });
    return tally.failed === 0 ? 0 : 1;
  }
  if (hosts.length === 0 && config.registries.length === 0) throw nothingNamed(config);
  await fillCache(filler, { hosts, registries: config.registries });
  if (tally.filled === 0 && tally.failed === 0) report(onlyPods(tally));
  return tally.filled > 0 && tally.failed === 0 ? 0 : 1;
}

/** The host itself, or that of an image. */
function hostOf(operand: string): string {
  const hasScheme = operand.includes("://");
  const host = parseHost(operand.includes("/") && !hasScheme ? imageHost(operand) : operand);
  if (host !== undefined) return host;
  throw usageFailure(
    `prefetch takes hosts and images, and ${operand} is neither`,
    "leave out the scheme: prefetch registry-vpc.cn-hangzhou.aliyuncs.com",
  );
}

function renewBelow({ "--renew-before": given }: FlagValues): number | undefined {
  if (typeof given !== "string") return undefined;
  const ms = parseDuration(given);
  if (ms !== undefined) return ms;
  throw usageFailure(`--renew-before ${given} is not a duration`, "write it as 30m, 90s or 1h30m");
}

/** @throws Failure where nothing could be kept, so that no token is asked for in vain. */
function checkCache({ cache: { enabled, directory } }: ProviderConfig): void {
  if (!enabled) {
    throw new Failure("fill the token cache: cache.enabled is false", {
      code: "CacheDisabled",
      exitStatus: 2,
      remedy: "remove cache.enabled from the config, or leave prefetch out: it has nothing to fill",
    });
  }
  const problem = problemOfDirectory(directory);
  if (problem === undefined) return;
  throw new Failure(`fill the token cache: ${problem}`, {
    code: "CacheUnusable",
    remedy: `run prefetch as the user that the kubelet runs as (root), and let ${directory} be a directory of its own`,
  });
}

function nothingNamed({ file }: ProviderConfig): Failure {
  const why = file === undefined ? "there is no config file" : `registries of ${file} is empty`;
  return usageFailure(
    `prefetch needs hosts: ${why}`,
    "name the hosts that this node pulls from: prefetch registry-vpc.cn-hangzhou.aliyuncs.com",
  );
}

function onlyPods({ skipped }: Tally): Failure {
  return new Failure(
    `fill the token cache: all ${skipped} of the registries need the token of a pod's service account`,
    {
      code: "NothingToPrefetch",
      remedy: "leave prefetch out with this config, or set identity.fallback, for which it does work",
    },
  );
}
