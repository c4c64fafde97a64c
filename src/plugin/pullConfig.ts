import type { Cache } from "../cache/cache.ts";
import type { CommandContext } from "../cli/command.ts";
import { foundConfig, parsedConfig, withFlags } from "../cli/runConfig.ts";
import type { ProviderConfig } from "../config/config.ts";
import { isLarge, keptConfig } from "../config/keptConfig.ts";
import type { RunRecord } from "../log/record.ts";
import { imageHost } from "../registry/imageReference.ts";
import { cacheIn, type Run } from "../run/run.ts";

export interface PullConfig {
  readonly config: ProviderConfig;
  /** The cache that the config names, where it was found there. */
  readonly cache?: Cache;
  /** Keeps the config for the runs to come, where it was not found. For the one process of a herd that asks. */
  keep?(run: Run): Promise<void>;
}

/**
 * The effective config of a pull of an image, flags applied: what an earlier run has made of the same file, else what the
 * file comes to. Of a large config only what the image's host needs is kept.
 * @throws Failure `ConfigInvalid` or `Usage` (exit status 2).
 */
export async function pullConfig(
  context: CommandContext,
  record: RunRecord,
  image: string,
): Promise<PullConfig> {
  const found = foundConfig(context);
  // Only of a large config: a hit works it out once, in its own place.
  const host = () => hostOf(image);
  const cacheOf = (directory: string) => cacheIn(directory, context, record);
  const kept = await keptConfig(found, cacheOf, (value) => context.secrets.add(value), host);
  if (kept !== undefined) return { config: withFlags(kept.config, context), cache: kept.cache };
  const config = await parsedConfig(context, found);
  const effective = { config: withFlags(config, context) };
  if (!config.cache.enabled) return effective;
  return {
    ...effective,
    keep: async (run) => {
      const { keepConfig } = await import("../config/keepConfig.ts");
      const part = isLarge(found) ? await partFor(run, config, host()) : config;
      if (part !== undefined) await keepConfig(run.cache, found, part, run.now(), host);
    },
  };
}

/** "", of which nothing is ever kept, where the image is not one: whoever needs its host says so. */
function hostOf(image: string): string {
  try {
    return imageHost(image);
  } catch {
    return "";
  }
}

async function partFor(run: Run, config: ProviderConfig, host: string): Promise<ProviderConfig | undefined> {
  const { configForHost } = await import("./configForHost.ts");
  return configForHost(run, config, host);
}
