import { Failure, restate } from "../failure/failure.ts";
import { isRegion } from "../host/region.ts";
import type { Run } from "../run/run.ts";

const KEY = "node";
/** A node never changes its region; the cache is on tmpfs. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1000;
const REMEDY = "set defaultRegion in the config (or regionId of the registry)";

/**
 * The region that this node is in, from the metadata service, e.g. `cn-hangzhou`; remembered.
 * @throws Failure `RegionUnknown`, or of the metadata service, with the remedy for a node that has none.
 */
export async function nodeRegion(run: Run): Promise<string> {
  const known = await run.cache.get("region", KEY, isRegion);
  if (known !== undefined) return known.value;
  const region = await askedRegion(run);
  if (!isRegion(region)) {
    throw new Failure("find the node's region: the metadata service names none", {
      code: "RegionUnknown",
      remedy: REMEDY,
    });
  }
  await run.cache.put("region", KEY, region, run.now() + REMEMBERED_MS);
  return region;
}

async function askedRegion(run: Run): Promise<unknown> {
  const { readMetadata } = await import("./metadata.ts");
  try {
    return await readMetadata(run, "region-id");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw restate(error, { message: `find the node's region: ${error.message}`, remedy: REMEDY });
  }
}
