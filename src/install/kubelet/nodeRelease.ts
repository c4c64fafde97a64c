import { type KubeletRelease, kubeletRelease } from "../../kubelet/kubeletRelease.ts";
import { kubeletCommand } from "../../kubelet/running/kubeletCommand.ts";
import { kubeletSettings } from "../../kubelet/running/kubeletSettings.ts";
import { releaseOf } from "../../kubelet/running/releaseOf.ts";
import type { RunningKubelet } from "../../kubelet/running/runningKubelets.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import { hostCommand } from "../host/hostCommand.ts";
import type { Profile } from "../profiles/profile.ts";

/** The release whose rules the node's config has to keep. */
export interface NodeRelease extends KubeletRelease {
  /** `1.34.4`, or the name where only that is known. */
  readonly version: string;
  /** Whether neither the node nor anyone else says so. */
  readonly isGuess: boolean;
}

/**
 * As `--kubernetes` says, else as the program says that runs as the kubelet or will: `kubelet --version`.
 * @throws Failure `Usage` for what is not a release, or too old for credential providers.
 */
export async function nodeRelease(
  files: NodeFiles,
  { program }: Profile,
  running: RunningKubelet | undefined,
  wanted: string | undefined,
): Promise<NodeRelease> {
  if (wanted !== undefined)
    return { ...kubeletRelease(wanted), version: wanted.replace(/^v/, ""), isGuess: false };
  const said = (await versionOfRunning(files, running)) ?? (program && (await versionOf(program, files)));
  const release = kubeletRelease(said);
  return { ...release, version: said ?? release.name, isGuess: said === undefined };
}

async function versionOfRunning(
  files: NodeFiles,
  running: RunningKubelet | undefined,
): Promise<string | undefined> {
  if (running?.kind === "microk8s") {
    const known = await releaseOf(running);
    return "release" in known ? known.release : undefined;
  }
  return running?.exe === undefined ? undefined : versionOf(running.exe, files);
}

async function versionOf(program: string, { root }: NodeFiles): Promise<string | undefined> {
  const result = await hostCommand(program, ["--version"], { root });
  return result.ok ? /\bv(1\.\d+\.\d+[\w.+-]*)/.exec(result.stdout)?.[1] : undefined;
}

/** Whether the kubelet sends service account tokens: as it was told, else as its release does by itself. */
export async function sendsTokens(
  { tokens }: KubeletRelease,
  running: RunningKubelet | undefined,
): Promise<boolean> {
  const settings = running && (await kubeletSettings(await kubeletCommand(running), running.files));
  return settings?.serviceAccountTokens ?? tokens === "beta";
}
