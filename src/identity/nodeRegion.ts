import { Failure, restate } from "../failure/failure.ts";
import { isRegion } from "../host/region.ts";
import { keptOrObtained } from "../run/kept.ts";
import type { Run } from "../run/run.ts";

/** A node never changes its region; the cache is on tmpfs. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1000;
const REMEDY = "set defaultRegion in the config (or regionId of the registry)";

/**
 * The region that this node is in, from the metadata service, e.g. `cn-hangzhou`; remembered.
 * @throws Failure `RegionUnknown`, or of the metadata service, with the remedy for a node that has none.
 */
export async function nodeRegion(run: Run): Promise<string> {
  const { value } = await keptOrObtained(run, {
    name: "the node's region",
    kind: "region",
    key: "node",
    check: isRegion,
    serves: () => true,
    standsIn: () => true,
    obtain: askedRegion,
    keptUntil: () => run.now() + REMEMBERED_MS,
  });
  return value;
}

async function askedRegion(run: Run): Promise<string> {
  const { readMetadata } = await import("./metadata.ts");
  try {
    const region = await readMetadata(run, "region-id");
    if (isRegion(region)) return region;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw restate(error, { message: `find the node's region: ${error.message}`, remedy: REMEDY });
  }
  throw new Failure("find the node's region: the metadata service names none", {
    code: "RegionUnknown",
    remedy: REMEDY,
  });
}
