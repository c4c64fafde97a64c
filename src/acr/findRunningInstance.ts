import { Failure, restate } from "../failure/failure.ts";
import type { RamCredentials } from "../identity/identity.ts";
import { callOpenApi } from "../openapi/call.ts";
import type { InstanceQuery } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";

type NamedQuery = InstanceQuery & { readonly instanceName: string };

interface Instance {
  readonly id: string;
  readonly status: string;
}

const PAGE_SIZE = 100;
const MAX_PAGES = 100;

/**
 * The ID of the one running instance with exactly this name in the region, by all pages of ListInstance (RAM
 * permission `cr:ListInstance`, which the policy of the product documentation does not grant). The API's own filter
 * by name is deprecated.
 * @throws Failure of the call, `InstanceNotFound`, `InstanceNotRunning` or `InstanceAmbiguous`; each remedy has the
 * config line that makes the question unnecessary.
 */
export async function findRunningInstance(
  run: Run,
  query: NamedQuery,
  credentials: RamCredentials,
): Promise<string> {
  const named = await instancesOfName(run, query, credentials);
  const running = named.filter(({ status }) => status === "RUNNING");
  const [only] = running;
  if (only !== undefined && running.length === 1) return only.id;
  const { instanceName: name, regionId } = query;
  if (running.length > 1) {
    const ids = running.map(({ id }) => id).join(", ");
    throw notUsable(
      "InstanceAmbiguous",
      `${running.length} instances in ${regionId} are named ${name} (${ids})`,
      query,
    );
  }
  const [stopped] = named;
  if (stopped === undefined) {
    throw notUsable("InstanceNotFound", `this account has no instance named ${name} in ${regionId}`, query);
  }
  throw new Failure(
    `ListInstance: the instance ${stopped.id} named ${name} is ${stopped.status}, not RUNNING`,
    {
      code: "InstanceNotRunning",
      api: "ListInstance",
      remedy: `start the instance, or if another one is meant ${configLine(query)}`,
    },
  );
}

async function instancesOfName(
  run: Run,
  query: NamedQuery,
  credentials: RamCredentials,
): Promise<Instance[]> {
  const wanted = query.instanceName.toLowerCase();
  const found = new Map<string, Instance>();
  let seen = 0;
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { instances, total } = await pageOf(run, query, credentials, page);
    for (const {
      InstanceId: id,
      InstanceName: name,
      InstanceStatus: status,
      RegionId: region,
    } of instances) {
      if (typeof id !== "string" || !/^cri-[a-z0-9]+$/.test(id)) continue;
      // An endpoint of the region lists nothing else; one that the config names may.
      if (typeof region === "string" && region !== query.regionId) continue;
      if (typeof name === "string" && name.toLowerCase() === wanted)
        found.set(id, { id, status: typeof status === "string" ? status : "of unknown status" });
    }
    seen += instances.length;
    if (instances.length === 0 || seen >= total) return [...found.values()];
  }
  throw notUsable("InstanceNotFound", `this account has more than ${MAX_PAGES * PAGE_SIZE} instances`, query);
}

async function pageOf(run: Run, query: NamedQuery, credentials: RamCredentials, page: number) {
  try {
    const { Instances: instances, TotalCount: total } = await callOpenApi(run, {
      product: "cr",
      action: "ListInstance",
      version: "2018-12-01",
      method: "POST",
      path: "/",
      query: { PageNo: String(page), PageSize: String(PAGE_SIZE) },
      regionId: query.regionId,
      network: query.network,
      credentials,
    });
    if (!Array.isArray(instances))
      throw notUsable("ResponseInvalid", "the answer holds no list of instances", query);
    const count = typeof total === "number" || typeof total === "string" ? Number(total) : Number.NaN;
    return {
      instances: instances.filter((item) => typeof item === "object" && item !== null) as Record<
        string,
        unknown
      >[],
      total: Number.isFinite(count) ? count : Number.POSITIVE_INFINITY,
    };
  } catch (error) {
    if (!(error instanceof Failure) || error.transient || error.code === "ResponseInvalid") throw error;
    throw restate(error, { remedy: [error.remedy, configLine(query)].filter(Boolean).join(", or ") });
  }
}

function notUsable(code: string, cause: string, query: NamedQuery): Failure {
  return new Failure(`ListInstance: ${cause}`, { code, api: "ListInstance", remedy: configLine(query) });
}

function configLine({ instanceName, regionId }: NamedQuery): string {
  return `add to registries "- {instanceId: cri-…, instanceName: ${instanceName}, regionId: ${regionId}}"`;
}
