import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { Failure } from "../failure/failure.ts";
import type { CredentialProvider } from "../kubelet/credentialProviderConfig/credentialProvider.ts";
import {
  type FileProblem,
  formatFileProblem,
  type ReadOptions,
  readCredentialProviderConfig,
} from "../kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import type { NodeFiles } from "./files/nodeFiles.ts";
import type { Wiring } from "./profiles/profile.ts";
import { PROVIDER_NAME } from "./provider/providerEntry.ts";

export interface Judged {
  readonly before: NodeFiles;
  readonly after: NodeFiles;
  readonly wiring: Wiring;
  readonly options: Omit<ReadOptions, "files">;
  readonly isForced: boolean;
}

/** What the kubelet would read. */
export interface JudgedContent {
  readonly hash: string | undefined;
  readonly files: readonly string[];
  /** Undefined where these rules do not take what the kubelet may take. */
  readonly providers?: readonly CredentialProvider[];
}

const SHOWN = 3;

/**
 * What the kubelet would read after the changes. By force, what it would refuse before them as
 * well is let through, without a hash: a kubelet that is newer than these rules may know better.
 * @throws Failure `KubeletConfigInvalid` for what this kubelet would not start with.
 */
export async function judgeContent(judged: Judged): Promise<JudgedContent> {
  const { before, after, wiring, options, isForced } = judged;
  const verdict = await readCredentialProviderConfig(wiring.config, { ...options, files: after });
  if (verdict.accepted) {
    for (const { name } of verdict.providers) requireExecutable(before, wiring.binDir, name);
    return verdict;
  }
  const old = await readCredentialProviderConfig(wiring.config, { ...options, files: before });
  const oldProblems = old.accepted ? [] : old.problems.map(withoutLine);
  const isOld = verdict.problems.every((problem) => oldProblems.includes(withoutLine(problem)));
  if (isOld && isForced)
    return { hash: undefined, files: [...new Set(verdict.problems.map(({ file }) => file))] };
  const shown = verdict.problems.slice(0, SHOWN).map(formatFileProblem);
  throw new Failure(
    `change the kubelet's config: Kubernetes ${options.release.name} would not start with it: ${shown.join("; ")}`,
    {
      code: "KubeletConfigInvalid",
      remedy: isOld
        ? "fix what was wrong before, or, where this kubelet runs with it, go on with --force"
        : "name the kubelet's release by --kubernetes if this is not it",
    },
  );
}

function withoutLine({ file, path, message }: FileProblem): string {
  return `${file}\n${path}\n${message.replace(/line \d+/g, "")}`;
}

/** The kubelet ends at its start when the executable of any provider is missing. */
function requireExecutable(files: NodeFiles, binDir: string, name: string): void {
  if (name === PROVIDER_NAME) return;
  try {
    accessSync(files.here(join(binDir, name)), constants.X_OK);
  } catch {
    throw new Failure(
      `restart the kubelet: ${join(binDir, name)} is missing, the executable of provider ${name}`,
      {
        code: "KubeletConfigInvalid",
        remedy: "put it there, or take the provider out of the kubelet's config",
      },
    );
  }
}
