import { configuredHosts } from "../../acr/configuredHosts.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { ProviderConfig, RegistryEntry } from "../../config/config.ts";
import { asFailure, Failure, restate } from "../../failure/failure.ts";
import { newRecord } from "../../log/record.ts";
import { Deadline, orTimeout } from "../../run/deadline.ts";
import { type Run, startRun } from "../../run/run.ts";
import { whyPod, withoutPod } from "../withoutPod.ts";
import { fillHost } from "./fillHost.ts";

/** So many registries are asked for at a time: ACR's API limits what an account may ask. */
const AT_ONCE = 4;

/**
 * All of it takes at most so many times `timeouts.total`, by default 75 s: systemd gives a unit 90 s to start, and a
 * kubelet that is ordered after it waits.
 */
const TOTAL_SHARE = 3;

export interface Wanted {
  /** Every configured registry when it is empty. */
  readonly hosts: readonly string[];
  /** A token with less than this left (ms) is renewed. */
  readonly renewBelowMs: number;
  /** Hears of each failure. */
  report(failure: Failure): void;
}

/** Registries with what their next pull needs, without, and those that only a pod can get it for. */
export interface Tally {
  readonly filled: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Fills the cache, one line for each registry on stdout as it is done. One that fails keeps no other from it. */
export async function fillCache(
  context: CommandContext,
  config: ProviderConfig,
  { hosts, renewBelowMs, report }: Wanted,
): Promise<Tally> {
  const newRun = runs(context, config);
  const tally = { filled: 0, failed: 0, skipped: 0 };
  const attempt = async (subject: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      const failure = asFailure(error);
      const why = hosts.length === 0 ? whyPod(failure) : undefined;
      tally[why === undefined ? "failed" : "skipped"]++;
      if (why === undefined) report(failure);
      else context.print(`${subject}: skipped: ${why}\n`);
    }
  };
  const fill = (host: string) =>
    attempt(host, async () => {
      await fillHost(newRun(), host, renewBelowMs, (line) => context.print(`${line}\n`));
      tally.filled++;
    });
  if (hosts.length > 0) {
    await eachOf(new Set(hosts), fill);
    return tally;
  }
  const seen = new Set<string>();
  await eachOf(config.registries, (entry) =>
    attempt(entry.path, async () => {
      for (const host of await hostsOf(newRun(), entry)) {
        if (seen.has(host)) continue;
        seen.add(host);
        await fill(host);
      }
    }),
  );
  return tally;
}

/** Makes a run for each registry: its own time and record, but what one has obtained serves the others. */
function runs(context: CommandContext, config: ProviderConfig): () => Run {
  const whole = new Deadline(TOTAL_SHARE * config.timeouts.totalMs, context.now);
  const obtained: Run["obtained"] = new Map();
  // Whose pods may pull is for the pull to decide: nothing here leaves the cache.
  const open = { ...config, access: { namespaces: ["*"], serviceAccounts: ["*"] } };
  return () => ({
    ...startRun(context, open, newRecord(), context.secrets),
    deadline: whole.shortened(config.timeouts.totalMs),
    obtained,
  });
}

/** The entry's hosts, of which there is one at least. @throws Failure that names the entry. */
async function hostsOf(run: Run, entry: RegistryEntry): Promise<readonly string[]> {
  const { path, instanceId } = entry;
  try {
    const hosts = await orTimeout(run, configuredHosts(run, entry));
    if (hosts.length > 0) return hosts;
    throw new Failure("the instance has no domain", {
      code: "InstanceWithoutDomains",
      remedy: `add domains or instanceName to ${path}, or open an endpoint of the instance`,
    });
  } catch (error) {
    const failure = withoutPod(asFailure(error), "prefetch");
    const of = instanceId === "" ? path : `${path} (${instanceId})`;
    throw restate(failure, { message: `find the hosts of ${of}: ${failure.message}` });
  }
}

/** Does the work on every item, on so many at a time as is good for the API. */
async function eachOf<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
