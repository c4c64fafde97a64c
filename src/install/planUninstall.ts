import { Failure } from "../failure/failure.ts";
import { readCredentialProviderConfig } from "../kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import { textOf } from "../kubelet/credentialProviderConfig/kubeletFiles.ts";
import type { RunningKubelet } from "../kubelet/running/runningKubelets.ts";
import { type FileChange, textChange, withChanges } from "./files/changes.ts";
import type { NodeFiles } from "./files/nodeFiles.ts";
import { removeFlags } from "./flags/removeFlags.ts";
import { hashOf, type InstallRecord } from "./installRecord.ts";
import { type Content, flagsOfKubelet } from "./kubelet/kubeletOfNode.ts";
import { type NodeRelease, nodeRelease } from "./kubelet/nodeRelease.ts";
import { findProfile } from "./profiles/findProfile.ts";
import type { Profile, ProfileName } from "./profiles/profile.ts";
import { entryIn, withoutProvider } from "./provider/changeConfigText.ts";
import { ownFileIn } from "./provider/providerChange.ts";

export interface UninstallWishes {
  readonly profile?: ProfileName | undefined;
  readonly kubernetes?: string | undefined;
  /** Also what was changed since it was installed, or was not installed by this. */
  readonly isForced: boolean;
}

/** What is taken away before the kubelet's restart. Config and executable follow after it. */
export interface UninstallPlan {
  readonly profile: Profile;
  readonly release: NodeRelease;
  /** In the order in which a kubelet would start after each of them: flags, provider. */
  readonly changes: readonly FileChange[];
  /** What the kubelet has to have read afterwards. */
  readonly content: Content;
}

/** Looks at the node and decides. Changes nothing. @throws Failure where a kubelet would not start afterwards. */
export async function planUninstall(
  files: NodeFiles,
  running: RunningKubelet | undefined,
  wishes: UninstallWishes,
  record: InstallRecord | undefined,
): Promise<UninstallPlan> {
  const profile = findProfile(files, { wanted: wishes.profile, recorded: record?.profile }, running?.kind);
  const release = await nodeRelease(files, profile, running, wishes.kubernetes);
  const config = (await profile.flags(files)).config ?? record?.wiring.config ?? profile.defaults.config;
  const provider = providerRemoval(files, config, wishes.isForced, record);
  const isStillConfig = await accepts(config, withChanges(files, [provider]), release);
  const flags = isStillConfig || record?.flags === undefined ? undefined : flagsRemoval(files, record.flags);
  const changes = [flags, provider].filter((change) => change !== undefined);
  const after = withChanges(files, changes);
  const next = await profile.flags(after);
  if (
    changes.length > 0 &&
    !isStillConfig &&
    (next.config !== undefined || (await isLedTo(config, profile, running)))
  ) {
    throw new Failure(
      `take the provider out of ${config}: no provider is left in it, and the kubelet's flags lead to it, which this did not set`,
      {
        code: "NodeNotUnderstood",
        remedy: "take the two flags away where they were set, and run this again",
      },
    );
  }
  const verdict = next.config === undefined ? undefined : await judged(next.config, after, release);
  const hash = verdict?.accepted ? verdict.hash : undefined;
  return {
    profile,
    release,
    changes,
    content: { flags: next, hash, files: verdict?.accepted ? verdict.files : [] },
  };
}

function providerRemoval(
  files: NodeFiles,
  config: string,
  isForced: boolean,
  record: InstallRecord | undefined,
): FileChange | undefined {
  const isDirectory = files.kindOf(config) === "directory";
  const path = isDirectory ? ownFileIn(files, config) : config;
  const text = path === undefined ? undefined : textOf(files, path);
  const entry = text === undefined ? undefined : entryIn(text);
  if (path === undefined || text === undefined || entry === undefined) return undefined;
  if (!isForced && hashOf(entry) !== record?.provider.sha256) {
    const whose =
      record === undefined ? "was not put there by node install" : "was changed since it was installed";
    throw new Failure(`take the provider out of ${path}: it ${whose}`, {
      code: "ChangedSince",
      remedy: "take it out all the same with --force",
    });
  }
  return textChange(files, "provider", path, withoutProvider(text));
}

function flagsRemoval(files: NodeFiles, flags: NonNullable<InstallRecord["flags"]>): FileChange | undefined {
  const text = textOf(files, flags.path);
  return text === undefined ? undefined : textChange(files, "flags", flags.path, removeFlags(text, flags));
}

function judged(config: string, files: NodeFiles, release: NodeRelease) {
  // Tokens of service accounts may be on by a feature gate of 1.33: what is left was accepted with it before.
  const serviceAccountTokens = release.tokens !== "none";
  return readCredentialProviderConfig(config, { release, files, serviceAccountTokens });
}

/** Whether something is left that a kubelet starts with. */
async function accepts(config: string, files: NodeFiles, release: NodeRelease): Promise<boolean> {
  return (await judged(config, files, release)).accepted;
}

/** With `files` no one knows the flags of the next start; those of the kubelet that runs are the best guess. */
async function isLedTo(
  config: string,
  { name }: Profile,
  running: RunningKubelet | undefined,
): Promise<boolean> {
  return name === "files" && running !== undefined && (await flagsOfKubelet(running)).config === config;
}
