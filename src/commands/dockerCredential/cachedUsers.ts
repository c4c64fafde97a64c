import { configuredHosts } from "../../acr/configuredHosts.ts";
import type { RegistryEntry } from "../../config/config.ts";
import { Failure } from "../../failure/failure.ts";
import { provideForHost } from "../../plugin/provide.ts";
import { offline } from "../../run/offline.ts";
import type { Run } from "../../run/run.ts";

/** The hosts of the configured registries that the node has credentials for, with the user's name. Asks no one. */
export async function cachedUsers(run: Run): Promise<Readonly<Record<string, string>>> {
  const within = offline(run);
  const users: Record<string, string> = {};
  for (const entry of run.config.registries) {
    for (const host of await knownHosts(within, entry)) {
      const outcome = await provideForHost(within, { host });
      if (outcome.kind === "credentials") users[host] = outcome.credentials.username;
    }
  }
  return users;
}

/** Without hosts where only the network could name them. */
async function knownHosts(run: Run, entry: RegistryEntry): Promise<readonly string[]> {
  try {
    return await configuredHosts(run, entry);
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}
