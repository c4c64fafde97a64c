import { type EndpointAccess, endpointAccess } from "../../../acr/endpointAccess.ts";
import { readFixedCredentials } from "../../../acr/fixedCredentials.ts";
import { requestToken } from "../../../acr/requestToken.ts";
import { isAmong } from "../../../host/hostName.ts";
import { type Identity, withCredentials } from "../../../identity/identity.ts";
import { resolveIdentity } from "../../../identity/resolveIdentity.ts";
import { newRecord } from "../../../log/record.ts";
import { endpointsOf } from "../../../openapi/endpoints.ts";
import type { Registry } from "../../../registry/registry.ts";
import type { Run } from "../../../run/run.ts";
import { span } from "../../../text/span.ts";
import type { Check, Examination } from "../check.ts";
import { failedBy, freshRun, timed } from "../freshRun.ts";
import { type Place, placesOf, whySkipped } from "../places.ts";
import { tryPull } from "../pull/tryPull.ts";
import { nameOf, remedyWithPolicy } from "../ramPolicy.ts";

type Result = Omit<Check, "group" | "subject">;

/** What ACR's API says of the instance of every entry of `registries`; without entries of those that the images lead to. */
export async function* examineInstances({ run: kept, images, offline }: Examination): AsyncGenerator<Check> {
  const group = "instances" as const;
  const skipped = whySkipped(kept, offline);
  if (kept === undefined || skipped !== undefined) {
    yield { group, id: "token", status: "skipped", subject: "instances", found: skipped ?? "" };
    return;
  }
  const run = freshRun(kept);
  const places = await placesOf(run, images);
  const entries = places.filter(({ entry }) => entry !== undefined).map((place) => entryChecks(run, place));
  for (const entry of entries) yield* await entry;
  const discovered = await discoveredOf(kept, images);
  for (const registry of discovered) yield* await registryChecks(run, registry, undefined);
  if (entries.length > 0 || discovered.length > 0) return;
  const found =
    images.length === 0 ? "registries is empty: doctor IMAGE finds the image's" : "no image leads to one";
  yield { group, id: "token", status: "skipped", subject: "instances", found };
}

/** The registries that images lead to and that no entry stands for. */
async function discoveredOf(kept: Run, images: readonly string[]): Promise<readonly Registry[]> {
  const pulls = await Promise.all(images.map((image) => tryPull(kept, image)));
  const found = new Map<string, Registry>();
  for (const { context } of pulls) {
    const registry = context?.registry;
    if (registry === undefined || registry.origin.startsWith("registries")) continue;
    found.set(`${registry.instanceId} ${registry.regionId}`, registry);
  }
  return [...found.values()];
}

async function entryChecks(run: Run, place: Place): Promise<readonly Check[]> {
  const { origin, entry, regionId, network } = place;
  const check = { group: "instances", subject: origin } as const;
  if (entry === undefined) return [];
  if (entry.fixedCredentials !== undefined) {
    return [{ ...check, ...(await fixedCheck(run, entry.fixedCredentials.directory)) }];
  }
  if (regionId === undefined) {
    return [
      {
        ...check,
        id: "region",
        status: "failed",
        found: `nothing tells the region of ${entry.instanceId || "the Personal Edition"}, and the metadata service cannot be asked`,
        remedy: `add "regionId: cn-…" to ${origin}, or set defaultRegion`,
      },
    ];
  }
  const { instanceId, instanceName, domains, identity } = entry;
  const registry: Registry = {
    host: domains?.[0] ?? "",
    edition: instanceId === "" ? "personal" : "enterprise",
    instanceId,
    ...(instanceName === undefined ? {} : { instanceName }),
    regionId,
    network,
    identity,
    origin,
  };
  return registryChecks(run, registry, domains);
}

async function fixedCheck(run: Run, directory: string): Promise<Result> {
  const read = await timed(run, () => readFixedCredentials(run, directory));
  if ("failure" in read) return { id: "token", ...failedBy(read.failure) };
  return {
    id: "token",
    status: "ok",
    found: `fixed credentials in ${directory}, user ${read.value.username}`,
  };
}

/** The domains (Enterprise Edition), a token, and which API endpoint has answered. */
async function registryChecks(
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
