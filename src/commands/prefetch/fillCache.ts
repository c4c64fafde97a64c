import { configuredHosts } from "../../acr/configuredHosts.ts";
import type { RegistryEntry } from "../../config/config.ts";
import { asFailure, Failure, restate } from "../../failure/failure.ts";
import { orTimeout } from "../../run/deadline.ts";
import type { Run } from "../../run/run.ts";
import { withoutPod } from "../withoutPod.ts";
import type { Filler } from "./filler.ts";

/** Gets the tokens of these hosts, or of every host of these entries. */
export async function fillCache(
  filler: Filler,
  wanted: { readonly hosts: readonly string[]; readonly registries: readonly RegistryEntry[] },
): Promise<void> {
  const { hosts, registries } = wanted;
  if (hosts.length > 0) return filler.each(new Set(hosts), (host) => filler.fill(host));
  const seen = new Set<string>();
  await filler.each(registries, (entry) =>
    filler.attempt(entry.path, async () => {
      for (const host of await hostsOf(filler.run(), entry)) {
        if (seen.has(host)) continue;
        seen.add(host);
        await filler.fill(host);
      }
    }),
  );
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
