import type { Failure } from "../../failure/failure.ts";
import { parseAcrHost } from "../../host/acrHost.ts";
import type { CallRecord } from "../../log/record.ts";
import { type Outcome, type Pull, provide } from "../../plugin/provide.ts";
import type { Registry, Step } from "../../registry/registry.ts";
import { OFFLINE, offline } from "../../run/offline.ts";
import type { Run } from "../../run/run.ts";
import { accessDecision, annotationsOf } from "./accessDecision.ts";
import { type AskedEndpoint, askedEndpoints } from "./askedEndpoints.ts";
import { cacheState } from "./cacheState.ts";
import { tokenCommand } from "./tokenCommand.ts";

/**
 * What a pull comes to. `credentials`: they were obtained, over the network or from the cache; `cachedToken`: the cache
 * has a token that serves; `fixedCredentials`: the user name and password of the node's files, which no one was asked
 * about; `wouldAsk`: a token would be asked for, which was not tried; `unknown`: a look-up would be, before anything is
 * known.
 */
export const outcomes = [
  "credentials",
  "cachedToken",
  "fixedCredentials",
  "wouldAsk",
  "unknown",
  "notOurs",
  "refused",
  "failed",
] as const;

/** How an image is decided, and why; what `explain` prints. Names and ARNs only, never a secret. */
export interface Explanation {
  readonly image: string;
  readonly host?: string;
  /** Every candidate, chosen or skipped, in order. */
  readonly considered: readonly Step[];
  readonly registry?: Pick<
    Registry,
    "edition" | "instanceId" | "instanceName" | "regionId" | "network" | "origin"
  > & {
    /** What told the region. */
    readonly regionBy: string;
  };
  /** API endpoints in the order in which they are tried, and by which proxy. */
  readonly endpoints?: readonly AskedEndpoint[];
  readonly access: string;
  readonly annotations?: string;
  readonly identity?: string;
  /** What the cache holds, or that it is not used. */
  readonly cache?: string;
  /** How long the cached token still lives. */
  readonly tokenSecondsLeft?: number;
  readonly cacheDurationSeconds?: number;
  readonly outcome: (typeof outcomes)[number];
  /** Makes the service account's token, which `--fetch` needs and was not given. */
  readonly tokenCommand?: string;
  readonly reason?: { readonly code: string; readonly message: string; readonly remedy?: string };
  readonly calls: readonly CallRecord[];
  readonly warnings: readonly string[];
}

/**
 * Works out the explanation, by the code that the kubelet runs. `fetching`: with the network; else nothing is sent and
 * nothing is kept. Never rejects with a Failure.
 */
export async function explainPull(run: Run, pull: Pull, fetching: boolean): Promise<Explanation> {
  const considered: Step[] = [];
  const outcome = await provide(fetching ? run : offline(run), pull, (step) => considered.push(step));
  const { host, registry, identity } = outcome;
  const failure = failureOf(outcome);
  const kept = await cacheState(run, outcome, pull);
  const command = pull.serviceAccount && tokenCommand(outcome, pull);
  const result = resultOf(outcome, { fetching, lacksToken: command !== undefined });
  return {
    image: pull.image,
    ...(host === undefined ? {} : { host }),
    considered: withUnneeded(run, considered),
    ...(registry === undefined ? {} : { registry: shownRegistry(run, registry) }),
    ...(registry === undefined || identity === undefined
      ? {}
      : { endpoints: askedEndpoints(run, registry, identity) }),
    access: accessDecision(run, pull),
    ...annotationsOf(run, pull),
    ...(identity === undefined ? {} : { identity: identity.name }),
    ...kept,
    ...cacheDurationOf(outcome, result),
    outcome: result,
    ...(failure !== undefined && isDecided(result) ? { reason: shownReason(failure) } : {}),
    ...(command === undefined ? {} : { tokenCommand: command }),
    calls: run.record.calls.filter(({ code }) => code !== OFFLINE),
    warnings: run.record.warnings.flatMap(shownWarning),
  };
}

function failureOf(outcome: Outcome): Failure | undefined {
  if (outcome.kind === "credentials") return outcome.outage;
  return outcome.kind === "notOurs" ? undefined : outcome.failure;
}

function resultOf(
  outcome: Outcome,
  { fetching, lacksToken }: { fetching: boolean; lacksToken: boolean },
): Explanation["outcome"] {
  switch (outcome.kind) {
    case "notOurs":
    case "refused":
      return outcome.kind;
    case "credentials":
      if (outcome.outage !== undefined) return "failed";
      if (outcome.cache === undefined) return "fixedCredentials";
      if (fetching) return "credentials";
      return outcome.cache === "hit" ? "cachedToken" : "wouldAsk";
    case "failed":
      if (outcome.failure.code !== OFFLINE && !lacksToken) return "failed";
      return outcome.identity === undefined ? "unknown" : "wouldAsk";
  }
}

/** How long the kubelet keeps the answer, where that is known. */
function cacheDurationOf(
  outcome: Outcome,
  result: Explanation["outcome"],
): Pick<Explanation, "cacheDurationSeconds"> {
  if (outcome.kind === "notOurs") return { cacheDurationSeconds: 0 };
  if (outcome.kind !== "credentials" || result === "wouldAsk") return {};
  return { cacheDurationSeconds: outcome.cacheDurationSeconds };
}

/** What only the network could renew is said to be as remembered; that of tokens and sessions is said elsewhere. */
function shownWarning(warning: string): string[] {
  if (!warning.endsWith(`(code ${OFFLINE})`)) return [warning];
  const [, name = ""] = /^(.*?) could not be renewed: /.exec(warning) ?? [];
  if (["", "the token", "the session"].includes(name)) return [];
  return [`${name}: as remembered, and due to be asked for again (--fetch asks)`];
}

/** Whether a failure is the outcome, and not only why nothing more was tried. */
function isDecided(result: Explanation["outcome"]): boolean {
  return result === "failed" || result === "refused";
}

function shownReason({ code, message, remedy }: Failure): NonNullable<Explanation["reason"]> {
  return { code, message, ...(remedy === undefined ? {} : { remedy }) };
}

function shownRegistry(run: Run, registry: Registry): NonNullable<Explanation["registry"]> {
  const { edition, instanceId, instanceName, regionId, network, origin } = registry;
  return {
    edition,
    instanceId,
    ...(instanceName === undefined ? {} : { instanceName }),
    regionId,
    network,
    regionBy: regionBy(run, registry),
    origin,
  };
}

/** What told the registry's region. */
function regionBy({ config }: Run, { host, origin, regionId }: Registry): string {
  const entry = config.registries.find(({ path }) => path === origin);
  if (entry?.regionId !== undefined) return `${origin}.regionId`;
  if (parseAcrHost(host)?.regionId === regionId) return "the host";
  return config.defaultRegion === regionId ? "defaultRegion" : "the node or the annotation";
}

/** The steps, and the entries that were not even looked at because another one answers. */
function withUnneeded({ config }: Run, steps: readonly Step[]): Step[] {
  const chosen = steps.find((step) => step.chosen);
  if (chosen === undefined) return [...steps];
  const unneeded = config.registries
    .filter(({ path }) => steps.every(({ candidate }) => candidate !== path))
    .map(({ path }) => ({ candidate: path, chosen: false, reason: `${chosen.candidate} answers before it` }));
  return [...steps, ...unneeded];
}
