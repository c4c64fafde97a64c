import type { RamCredentials } from "../identity/identity.ts";
import { callOpenApi } from "../openapi/call.ts";
import type { Instance, InstanceQuery } from "../registry/registry.ts";
import type { Run } from "../run/run.ts";
import { notUsable } from "./findRunningInstance.ts";

const PAGE_SIZE = 100;
const MAX_PAGES = 100;

/**
 * The instances of the region, by all pages of ListInstance (RAM permission `cr:ListInstance`, which the policy of the
 * product documentation does not grant). The API's own filter by name is deprecated.
 * @throws Failure of the call, `ResponseInvalid`, or `InstanceNotFound` for more than can be looked through.
 */
export async function listInstances(
  run: Run,
  query: Pick<InstanceQuery, "regionId" | "network">,
  credentials: RamCredentials,
): Promise<readonly Instance[]> {
  const found = new Map<string, Instance>();
  let seen = 0;
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { items, total } = await pageOf(run, query, credentials, page);
    for (const { InstanceId: id, InstanceName: name, InstanceStatus: status, RegionId: region } of items) {
      if (typeof id !== "string" || !/^cri-[a-z0-9]{1,60}$/.test(id)) continue;
      // An endpoint of the region lists nothing else; one that the config names may.
      if (typeof region === "string" && region !== query.regionId) continue;
      if (typeof name !== "string" || name.length > 100) continue;
      const known = typeof status === "string" && /^[A-Z_]{1,60}$/.test(status);
      found.set(id, { id, name: name.toLowerCase(), status: known ? status : "of unknown status" });
    }
    // What others remember must not give way to an answer that was damaged on the way.
    if (
      items.length > 0 &&
      items.every(({ InstanceId: id }) => typeof id !== "string" || !id.startsWith("cri-"))
    ) {
      throw notUsable("InstanceNotFound", "the answer lists instances, and none of them has an ID");
    }
    seen += items.length;
    if (items.length === 0 || seen >= total) return [...found.values()];
  }
  throw notUsable("InstanceNotFound", `this account has more than ${MAX_PAGES * PAGE_SIZE} instances`);
}

async function pageOf(
  run: Run,
  { regionId, network }: Pick<InstanceQuery, "regionId" | "network">,
  credentials: RamCredentials,
  page: number,
) {
  const { Instances: items, TotalCount: total } = await callOpenApi(run, {
    product: "cr",
    action: "ListInstance",
    version: "2018-12-01",
    method: "POST",
    path: "/",
    query: { PageNo: String(page), PageSize: String(PAGE_SIZE) },
    regionId,
    network,
    credentials,
  });
  if (!Array.isArray(items)) throw notUsable("ResponseInvalid", "the answer holds no list of instances");
  const count = typeof total === "number" || typeof total === "string" ? Number(total) : Number.NaN;
  return {
    items: items.filter((item) => typeof item === "object" && item !== null) as Record<string, unknown>[],
    total: Number.isFinite(count) ? count : Number.POSITIVE_INFINITY,
  };
}
