import { isOfFuture } from "../cache/cache.ts";
import { clearCache, type ListedEntry, listCache } from "../cache/listing.ts";
import { type Command, type CommandContext, noOperands } from "../cli/command.ts";
import { outputFormat } from "../cli/flags.ts";
import { loadRunConfig } from "../cli/runConfig.ts";
import { Failure } from "../failure/failure.ts";
import { oneLine } from "../text/foreignText.ts";
import { span } from "../text/span.ts";

/**
 * `cache list`: what is cached, without secrets. As JSON: `{directory, entries}`, each entry with `kind`, `file` and, as
 * far as it has them, `instanceId` ("" is the Personal Edition), `host`, `regionId`, `identity`, `storedAt` and
 * `expiresAt` (epoch ms).
 */
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
    context.print(context.secrets.redact(`${JSON.stringify({ directory, entries }, null, 2)}\n`));
  } else {
    const text = entries.length === 0 ? `nothing is cached in ${directory}\n` : table(entries, context.now());
    context.print(context.secrets.redact(text));
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

const columns = ["KIND", "INSTANCE OR HOST", "REGION", "IDENTITY", "AGE", "LEFT"] as const;

/** The entries below each other, under the names of the columns. `now`: epoch ms. */
function table(entries: readonly ListedEntry[], now: number): string {
  const rows = [columns, ...entries.map((entry) => cells(entry, now))];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  "));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

function cells(entry: ListedEntry, now: number): string[] {
  const { kind, file, instanceId, host, regionId, identity, storedAt, expiresAt } = entry;
  const left = expiresAt === undefined ? "" : expiresAt > now ? span(expiresAt - now) : "expired";
  const instance = instanceId === "" ? "Personal Edition" : instanceId;
  const what = kind === "damaged" ? file : (instance ?? host);
  const age =
    storedAt === undefined ? "" : isOfFuture({ storedAt }, now) ? "of the future" : span(now - storedAt);
  return [kind, what, regionId, identity, age, left].map((text) => oneLine(text ?? "") || "-");
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
