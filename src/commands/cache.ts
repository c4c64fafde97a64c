import { clearCache, type ListedEntry, listCache } from "../cache/listing.ts";
import { type Command, type CommandContext, noOperands } from "../cli/command.ts";
import { outputFormat } from "../cli/flags.ts";
import { loadRunConfig } from "../cli/runConfig.ts";
import { Failure } from "../failure/failure.ts";

/** `cache list`: what is cached, without secrets. */
export const cacheList: Command = {
  name: "cache list",
  ...noOperands,
  flags: ["--config", "--output"],
  help: "list what is cached, without secrets",
  run: listCached,
};

async function listCached(context: CommandContext): Promise<number> {
  const { directory } = (await loadRunConfig(context)).cache;
  const entries = usingDirectory(directory, () => listCache(directory));
  if (outputFormat(context.flags) === "json") {
    context.print(`${JSON.stringify({ directory, entries }, null, 2)}\n`);
  } else {
    const rows = entries.map((entry) => row(entry, context.now()));
    context.print(rows.length === 0 ? `nothing is cached in ${directory}\n` : `${rows.join("\n")}\n`);
  }
  return 0;
}

/** `cache clear`: forgets all of it. */
export const cacheClear: Command = {
  name: "cache clear",
  ...noOperands,
  flags: ["--config"],
  help: "forget everything that is cached",
  run: clearCached,
};

async function clearCached(context: CommandContext): Promise<number> {
  const { directory } = (await loadRunConfig(context)).cache;
  const count = usingDirectory(directory, () => clearCache(directory));
  context.print(`removed ${count} ${count === 1 ? "file" : "files"} from ${directory}\n`);
  return 0;
}

function row(entry: ListedEntry, now: number): string {
  if (entry.expiresAt === undefined) return `${entry.kind}  ${entry.file}`;
  const left = Math.round((entry.expiresAt - now) / 1000);
  const state = left > 0 ? `expires in ${left}s` : `expired ${-left}s ago`;
  return `${entry.kind}  ${entry.key}  ${state}`;
}

function usingDirectory<Result>(directory: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw new Failure(`unable to use the cache directory: ${(error as Error).message}`, {
      code: "CacheUnusable",
      remedy: `remove ${directory} or make it a directory of this user with mode 0700`,
      cause: error,
    });
  }
}
