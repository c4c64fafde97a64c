import { keptToken, wantedToken } from "../../acr/obtainToken.ts";
import { renewsAt } from "../../acr/token.ts";
import { isOfFuture } from "../../cache/cache.ts";
import { restrictsAccess } from "../../config/config.ts";
import type { Failure } from "../../failure/failure.ts";
import { parseAcrHost } from "../../host/acrHost.ts";
import type { CallRecord } from "../../log/record.ts";
import { endpointsOf } from "../../openapi/endpoints.ts";
import { type Outcome, type Pull, provide } from "../../plugin/provide.ts";
import type { Registry, Step } from "../../registry/registry.ts";
import { OFFLINE, offline } from "../../run/offline.ts";
import type { Run } from "../../run/run.ts";
import { span } from "../../text/span.ts";

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
  /** API endpoints in the order in which they are tried. */
  readonly endpoints?: readonly string[];
  readonly access: string;
  readonly annotations?: string;
  readonly identity?: string;
  /** What the cache holds, or that it is not used. */
  readonly cache?: string;
  /** How long the cached token still lives. */
  readonly tokenSecondsLeft?: number;
  readonly cacheDurationSeconds?: number;
  /**
   * `credentials`: they were obtained, or are fixed ones; `cachedToken`: the cache has a token that serves;
   * `wouldAsk`: a token would be asked for, which was not tried; `unknown`: a look-up would be, before anything is known.
   */
  readonly outcome: "credentials" | "cachedToken" | "wouldAsk" | "notOurs" | "refused" | "failed" | "unknown";
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
  const reason = failure?.code === OFFLINE ? undefined : failure;
  const kept = await keptOf(run, outcome, pull);
  return {
    image: pull.image,
    ...(host === undefined ? {} : { host }),
    considered: withUnneeded(run, considered),
    ...(registry === undefined ? {} : { registry: shownRegistry(run, registry) }),
    ...(registry === undefined || identity === undefined ? {} : { endpoints: endpoints(run, registry) }),
    access: accessOf(run, pull),
    ...annotationsOf(run, pull),
    ...(identity === undefined ? {} : { identity: identity.name }),
    ...kept,
    ...("cacheDurationSeconds" in outcome && resultOf(outcome, fetching) !== "wouldAsk"
      ? { cacheDurationSeconds: outcome.cacheDurationSeconds }
      : {}),
    outcome: resultOf(outcome, fetching),
    ...(reason === undefined ? {} : { reason: shownReason(reason) }),
    calls: run.record.calls.filter(({ code }) => code !== OFFLINE),
    warnings: run.record.warnings.filter((warning) => !warning.endsWith(`(code ${OFFLINE})`)),
  };
}

function failureOf(outcome: Outcome): Failure | undefined {
  if (outcome.kind === "credentials") return outcome.outage;
  return outcome.kind === "notOurs" ? undefined : outcome.failure;
}

function resultOf(outcome: Outcome, fetching: boolean): Explanation["outcome"] {
  switch (outcome.kind) {
    case "notOurs":
    case "refused":
      return outcome.kind;
    case "credentials":
      if (outcome.outage !== undefined) return "failed";
      if (fetching || outcome.cache === undefined) return "credentials";
      return outcome.cache === "hit" ? "cachedToken" : "wouldAsk";
    case "failed":
      if (outcome.failure.code !== OFFLINE) return "failed";
      return outcome.identity === undefined ? "unknown" : "wouldAsk";
  }
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

function endpoints(run: Run, { regionId, network }: Registry): readonly string[] {
  return endpointsOf(run, "cr", regionId, network).map(({ url }) => url);
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

async function keptOf(run: Run, { registry, identity }: Outcome, pull: Pull): Promise<Partial<Explanation>> {
  if (registry?.fixedCredentials !== undefined) {
    return { cache: `not used: fixed credentials in ${registry.fixedCredentials.directory}` };
  }
  if (registry === undefined || identity === undefined) return {};
  if (!run.config.cache.enabled) return { cache: "switched off by cache.enabled" };
  const { serviceAccount } = pull;
  const isPods = registry.identity.source === "serviceAccountToken";
  if (isPods && serviceAccount !== undefined && serviceAccount.token === undefined) {
    return { cache: "cannot be known without the service account's token (--token-file)" };
  }
  const token = await keptToken(run, wantedToken(run, registry, identity));
  if (token === undefined) return { cache: "holds no token: one has to be asked for" };
  const left = token.expiresAt - run.now();
  const ofFuture = isOfFuture({ storedAt: token.issuedAt }, run.now());
  const due = ofFuture ? 0 : renewsAt(token, run.config.expiringThresholdMs) - run.now();
  return {
    cache: `holds a token, ${span(left)} left, ${due > 0 ? `due for renewal in ${span(due)}` : "due for renewal"}`,
    tokenSecondsLeft: Math.floor(left / 1000),
  };
}

function accessOf({ config }: Run, { serviceAccount }: Pull): string {
  if (!restrictsAccess(config)) return "every pod may pull";
  const { namespaces, serviceAccounts } = config.access;
  const rule = `namespaces ${namespaces.join(", ")}; service accounts ${serviceAccounts.join(", ")}`;
  const who =
    serviceAccount === undefined
      ? "no service account was sent"
      : `${serviceAccount.namespace}/${serviceAccount.name}`;
  return `restricted to ${rule} (${who})`;
}

function annotationsOf({ config }: Run, { serviceAccount }: Pull): { annotations?: string } {
  const names = Object.keys(serviceAccount?.annotations ?? {});
  if (names.length === 0) return {};
  const { enabled } = config.serviceAccountAnnotations;
  return {
    annotations: `${names.join(", ")}${enabled ? "" : " (ignored: serviceAccountAnnotations.enabled is false)"}`,
  };
}
