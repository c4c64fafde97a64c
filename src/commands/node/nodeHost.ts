import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CommandContext } from "../../cli/command.ts";
import type { FlagName, FlagValues } from "../../cli/flags.ts";
import { Failure, usageFailure } from "../../failure/failure.ts";
import { UnfitFile } from "../../files/regularFile.ts";
import { nodeFiles } from "../../install/files/nodeFiles.ts";
import type { InstallHost } from "../../install/install.ts";
import { type ProfileName, profileNames } from "../../install/profiles/profile.ts";
import { Unreadable } from "../../kubelet/credentialProviderConfig/kubeletFiles.ts";

/** The node of `--root`, by default this machine. @throws Failure `Usage` where that is not a directory. */
export function nodeHost({ flags, now, sleep }: CommandContext): InstallHost {
  const root = resolve(text(flags, "--root") ?? "/");
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw usageFailure(`--root ${root} is not a directory`, "name the folder where the node's / is mounted");
  }
  return { files: nodeFiles(root), now, sleep };
}

/** The profile that is named; undefined: none is. @throws Failure `Usage` for another word. */
export function namedProfile(flags: FlagValues): ProfileName | undefined {
  const wanted = text(flags, "--profile");
  const profile = profileNames.find((name) => name === wanted);
  if (wanted !== undefined && profile === undefined) {
    throw usageFailure(`--profile ${wanted} is not a profile`, `use one of ${profileNames.join(", ")}`);
  }
  return profile;
}

/** The value of a flag; undefined where it is not given. */
export function text(flags: FlagValues, name: FlagName): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

/** @throws Failure `NotRoot` for anyone else: half of what has to be looked at could not be. */
export function requireRoot(): void {
  if (process.geteuid?.() === 0) return;
  throw new Failure("change the node: only root may", { code: "NotRoot", remedy: "run this as root (sudo)" });
}

/** Does it; a file of the node that cannot be read is one that it does not understand. */
export async function onNode<Result>({ files }: InstallHost, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException;
    const isOfFile = error instanceof Unreadable || error instanceof UnfitFile || path !== undefined;
    if (error instanceof Failure || !isOfFile) throw error;
    const which = path === undefined ? "a file" : path;
    throw new Failure(
      `look at the node ${join(files.root, "/")}: ${which} cannot be read: ${code ?? message}`,
      {
        code: "NodeNotUnderstood",
        remedy: "fix that, and run this again",
        cause: error,
      },
    );
  }
}
