import { type EndpointAccess, endpointAccess } from "../../../acr/endpointAccess.ts";
import { requestToken } from "../../../acr/requestToken.ts";
import { isAmong } from "../../../host/hostName.ts";
import { type Identity, withCredentials } from "../../../identity/identity.ts";
import { resolveIdentity } from "../../../identity/resolveIdentity.ts";
import { newRecord } from "../../../log/record.ts";
import { endpointsOf } from "../../../openapi/endpoints.ts";
import type { Registry } from "../../../registry/registry.ts";
import type { Run } from "../../../run/run.ts";
import { span } from "../../../text/span.ts";
import type { Check } from "../check.ts";
import { failedBy, timed } from "../freshRun.ts";
import { nameOf, remedyWithPolicy } from "../ramPolicy.ts";

type Result = Omit<Check, "group" | "subject">;

/** The domains (Enterprise Edition), a token, and which API endpoint has answered. */
export async function registryChecks(
  shared: Run,
  registry: Registry,
  configured: readonly string[] | undefined,
): Promise<readonly Check[]> {
  const run = { ...shared, record: newRecord() };
  const { instanceId, regionId, network, origin } = registry;
  const name = `${instanceId || "Personal Edition"} in ${regionId}`;
  const check = {
    group: "instances",
    subject: origin === "registries" ? name : `${origin} (${name})`,
  } as const;
  if (registry.identity.source === "serviceAccountToken" && registry.identity.fallback === undefined) {
    const found = "pods ask for it with their own tokens, and doctor has none: see the group identity";
    return [{ ...check, id: "token", status: "skipped", found }];
  }
  const resolved = await timed(run, () => resolveIdentity(run, registry.identity, { regionId, network }));
  if ("failure" in resolved) return [{ ...check, id: "token", ...failedBy(resolved.failure) }];
  const identity = resolved.value;
  const results: Result[] = [];
  if (instanceId !== "") results.push(await domainsCheck(run, registry, identity, configured));
  results.push(await tokenCheck(run, registry, identity));
  return [endpointCheck(run, registry), ...results].map((result) => ({ ...check, ...result }));
}

function endpointCheck(run: Run, { regionId, network }: Registry): Result {
  const asked = run.record.calls.filter(({ api }) => /^(ListInstance|GetAuthorization)/.test(api));
  const answered = asked.findLast(({ status }) => status !== undefined);
  const silent = [
    ...new Set(asked.filter(({ status }) => status === undefined).map(({ endpoint }) => endpoint)),
  ];
  const all = endpointsOf(run, "cr", regionId, network).map(({ url }) => new URL(url).host);
  const id = "endpoint";
  if (answered === undefined) {
    if (asked.length === 0) return { id, status: "skipped", found: `not asked: ${all.join(", ")}` };
    return {
      id,
      status: "failed",
      found: `no API endpoint answers: ${silent.join(", ")}`,
      remedy: `see the group network; "network: vpc" or "network: public" in the config keeps to one of ${all.join(", ")}`,
    };
  }
  const others = silent.filter((endpoint) => endpoint !== answered.endpoint);
  const found = `${answered.endpoint} answers`;
  if (others.length === 0) return { id, status: "ok", found, durationMs: answered.ms };
  const inside = answered.endpoint.includes("-vpc.");
  return {
    id,
    status: "warning",
    durationMs: answered.ms,
    found: `${found}; ${others.join(", ")}, which is asked first, does not`,
    remedy: `set network: ${inside ? "vpc" : "public"}, so that no pull waits for the other one`,
  };
}

async function domainsCheck(
  run: Run,
  registry: Registry,
  identity: Identity,
  configured: readonly string[] | undefined,
): Promise<Result> {
  const id = "domains";
  const asked = await timed(run, () =>
    withCredentials(run, identity, (credentials) => endpointAccess(run, registry, credentials)),
  );
  const { durationMs } = asked;
  if ("failure" in asked) {
    const remedy = remedyWithPolicy(asked.failure, nameOf(run, identity));
    if (configured === undefined && registry.instanceName === undefined) {
      return { id, durationMs, ...failedBy(asked.failure, remedy) };
    }
    const found = `they are not known, which matters to custom domains only: ${asked.failure.message}`;
    return { id, durationMs, ...failedBy(asked.failure, remedy), status: "warning", found };
  }
  const foreign = (configured ?? []).filter(
    (domain) => !asked.value.some(({ domains }) => isAmong(domain, domains)),
  );
  const found = asked.value.map(endpointText).join("; ") || "none: every network of the instance is closed";
  if (foreign.length === 0) return { id, durationMs, status: "ok", found };
  return {
    id,
    durationMs,
    status: "warning",
    found: `${foreign.join(", ")} of ${registry.origin}.domains is not a domain of ${registry.instanceId}, which has ${found}`,
    remedy: `correct domains or instanceId of ${registry.origin}; the instance's token opens no other registry`,
  };
}

function endpointText({ type, enabled, domains, admitted, vpcs }: EndpointAccess): string {
  const list = admitted === undefined ? "everyone" : admitted.slice(0, 5).join(", ") || "nobody";
  const who = type === "internet" ? `admits ${list}` : `VPCs ${vpcs.slice(0, 5).join(", ") || "none"}`;
  return `${domains.slice(0, 8).join(", ")} (${type}, ${enabled ? who : "switched off"})`;
}

async function tokenCheck(run: Run, registry: Registry, identity: Identity): Promise<Result> {
  const id = "token";
  const asked = await timed(run, () =>
    withCredentials(run, identity, (credentials) => requestToken(run, registry, credentials)),
  );
  const { durationMs } = asked;
  if ("failure" in asked) {
    return {
      id,
      durationMs,
      ...failedBy(asked.failure, remedyWithPolicy(asked.failure, nameOf(run, identity))),
    };
  }
  const { username, expiresAt } = asked.value;
  return {
    id,
    durationMs,
    status: "ok",
    found: `a new one of ${username}, ${span(expiresAt - run.now())} left`,
  };
}
