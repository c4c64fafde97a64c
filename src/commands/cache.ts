import { clearCache, type ListedEntry, listCache } from "../cache/listing.ts";
import { Failure } from "../failure/failure.ts";
import type { CommandContext } from "./context.ts";
import { outputFormat } from "./output.ts";
import { loadRunConfig } from "./runConfig.ts";

/** `cache list`: what is cached, without secrets. */
export async function cacheList(context: CommandContext): Promise<number> {
  const { directory } = (await loadRunConfig(context)).cache;
  const entries = await usingDirectory(directory, () => listCache(directory));
  if (outputFormat(context.flags) === "json") {
    context.print(`${JSON.stringify({ directory, entries }, null, 2)}\n`);
  } else {
    const rows = entries.map((entry) => row(entry, context.now()));
    context.print(rows.length === 0 ? `nothing is cached in ${directory}\n` : `${rows.join("\n")}\n`);
  }
  return 0;
}

/** `cache clear`: forgets all of it. */
export async function cacheClear(context: CommandContext): Promise<number> {
  const { directory } = (await loadRunConfig(context)).cache;
  const count = await usingDirectory(directory, async () => clearCache(directory));
  context.print(`removed ${count} ${count === 1 ? "file" : "files"} from ${directory}\n`);
  return 0;
}

function row(entry: ListedEntry, now: number): string {
  if (entry.expiresAt === undefined) return `${entry.kind}  ${entry.file}`;
  const left = Math.round((entry.expiresAt - now) / 1000);
  const state = left > 0 ? `expires in ${left}s` : `expired ${-left}s ago`;
  return `${entry.kind}  ${entry.key}  ${state}`;
}

async function usingDirectory<Result>(directory: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw new Failure(`unable to use the cache directory: ${(error as Error).message}`, {
      code: "CacheUnusable",
      remedy: `remove ${directory} or make it a directory of this user with mode 0700`,
      cause: error,
    });
  }
}
