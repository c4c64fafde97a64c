import { keptToken } from "../../acr/obtainToken.ts";
import { cacheDurationSeconds, renewsAt } from "../../acr/token.ts";
import { tokenOf } from "../../acr/wantedToken.ts";
import { restrictsAccess } from "../../config/config.ts";
import { asFailure } from "../../failure/failure.ts";
import type { CallRecord } from "../../log/record.ts";
import { endpointsOf } from "../../openapi/endpoints.ts";
import { type Decision, decide, type Pull } from "../../plugin/decide.ts";
import { isRefusal, provideDecided } from "../../plugin/provide.ts";
import type { Registry, Step } from "../../registry/resolve.ts";
import { OFFLINE } from "../../run/offline.ts";
import type { Run } from "../../run/run.ts";
import { regionBy, withUnneeded } from "./explanationSteps.ts";

/** How an image is decided, and why; what `explain` prints. Names and ARNs only, never a secret. */
export interface Explanation {
  readonly image: string;
  readonly host?: string;
  /** Every candidate, chosen or passed over, in order. */
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
  /** What the cache holds, or that there is no use for it. */
  readonly cache?: string;
  readonly cacheDurationSeconds?: number;
  /** `unknown`: the network has to be asked, and was not. */
  readonly outcome: "credentials" | "notOurs" | "refused" | "failed" | "unknown";
  readonly reason?: { readonly code: string; readonly message: string; readonly remedy?: string };
  readonly calls: readonly CallRecord[];
  readonly warnings: readonly string[];
}

/** Works out the explanation; with `fetching` the token is asked for as well. Never throws a Failure. */
export async function explainPull(run: Run, pull: Pull, fetching: boolean): Promise<Explanation> {
  const considered: Step[] = [];
  const base = () => ({
    image: pull.image,
    ...(run.record.host === undefined ? {} : { host: run.record.host }),
    considered: withUnneeded(run, considered),
    access: accessOf(run, pull),
    ...annotationsOf(run, pull),
    calls: run.record.calls.filter(({ code }) => code !== OFFLINE),
    warnings: run.record.warnings,
  });
  let known: Partial<Explanation> = {};
  try {
    const decision = await decide(run, pull, (step) => considered.push(step));
    if (decision === undefined) return { ...base(), outcome: "notOurs" };
    known = await decided(run, decision);
    if (!fetching) return { ...base(), ...known, outcome: "credentials" };
    const { cacheDurationSeconds } = await provideDecided(run, decision);
    return {
      ...base(),
      ...known,
      ...(await cacheOf(run, decision)),
      cacheDurationSeconds,
      outcome: "credentials",
    };
  } catch (error) {
    const { code, message, remedy } = asFailure(error);
    const outcome = code === OFFLINE ? "unknown" : isRefusal(asFailure(error)) ? "refused" : "failed";
    return {
      ...base(),
      ...known,
      outcome,
      reason: { code, message, ...(remedy === undefined ? {} : { remedy }) },
    };
  }
}

async function decided(run: Run, decision: Decision): Promise<Partial<Explanation>> {
  const { edition, instanceId, instanceName, regionId, network, origin } = decision.registry;
  const registry = {
    edition,
    instanceId,
    ...(instanceName === undefined ? {} : { instanceName }),
    regionId,
    network,
    regionBy: regionBy(run, decision.registry),
    origin,
  };
  if ("fixedCredentials" in decision) {
    return { registry, cache: `not used: fixed credentials in ${decision.fixedCredentials.directory}` };
  }
  return {
    registry,
    endpoints: endpointsOf(run, "cr", regionId, network).map(({ url }) => url),
    identity: decision.identity.name,
    ...(await cacheOf(run, decision)),
  };
}

async function cacheOf(run: Run, decision: Decision): Promise<Partial<Explanation>> {
  if ("fixedCredentials" in decision) return {};
  if (!run.config.cache.enabled) return { cache: "switched off by cache.enabled" };
  const token = await keptToken(run, tokenOf(run, decision));
  if (token === undefined) return { cache: "holds no token: one has to be asked for" };
  const { expiringThresholdMs } = run.config;
  const [left, renewal] = [token.expiresAt, renewsAt(token, expiringThresholdMs)].map((at) =>
    Math.round((at - run.now()) / 1000),
  );
  return {
    cache: `holds a token that expires in ${left}s and ${(renewal ?? 0) > 0 ? `serves for ${renewal}s` : "is due for renewal"}`,
    cacheDurationSeconds: cacheDurationSeconds(token, expiringThresholdMs, run.now()),
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
