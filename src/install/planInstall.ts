import { join } from "node:path";
import { DEFAULT_CONFIG_FILE } from "../config/configFile.ts";
import { Failure } from "../failure/failure.ts";
import type { RunningKubelet } from "../kubelet/running/runningKubelets.ts";
import { type FileChange, textChange, withChanges } from "./files/changes.ts";
import { isInstalled } from "./files/executableFile.ts";
import type { NodeFiles } from "./files/nodeFiles.ts";
import { rootFile } from "./files/savedFile.ts";
import { hashOf, type InstallRecord } from "./installRecord.ts";
import { judgeContent } from "./judgeContent.ts";
import { type Content, haveSameFlags } from "./kubelet/kubeletOfNode.ts";
import { type NodeRelease, nodeRelease, sendsTokens } from "./kubelet/nodeRelease.ts";
import { plannedRecord } from "./plannedRecord.ts";
import { chosenWiring } from "./profiles/chosenWiring.ts";
import { findProfile } from "./profiles/findProfile.ts";
import type { FlagsChange, Profile, ProfileName, Wiring } from "./profiles/profile.ts";
import { providerChange } from "./provider/providerChange.ts";
import { PROVIDER_NAME, withVariable } from "./provider/providerEntry.ts";
import { requireOtherRegistry } from "./requireOtherRegistry.ts";

/** What is asked for. */
export interface InstallWishes {
  readonly profile?: ProfileName | undefined;
  readonly kubeletConfig?: string | undefined;
  readonly binDir?: string | undefined;
  readonly kubernetes?: string | undefined;
  /** The plugin's config for this node, checked already. */
  readonly config?: string | undefined;
  readonly isForced: boolean;
  /** The image that this runs from. */
  readonly fromImage?: string | undefined;
  /** The kubelet's config that fits the plugin's: what `kubelet-config` prints. */
  printed(release: NodeRelease): Promise<string>;
}

/** What has to be done to a node, and what its kubelet has to have read afterwards. */
export interface InstallPlan {
  readonly profile: Profile;
  readonly release: NodeRelease;
  readonly wiring: Wiring;
  readonly executable: { readonly path: string; readonly isNew: boolean };
  /** In the order in which a kubelet would start after each of them: config, provider, flags. */
  readonly changes: readonly FileChange[];
  readonly content: Content;
  readonly record: InstallRecord;
}

/** Looks at the node and decides. Changes nothing. @throws Failure for what is not understood, or would not start. */
export async function planInstall(
  files: NodeFiles,
  running: RunningKubelet | undefined,
  wishes: InstallWishes,
  before: InstallRecord | undefined,
): Promise<InstallPlan> {
  const profile = findProfile(files, { wanted: wishes.profile, recorded: before?.profile }, running?.kind);
  const release = await nodeRelease(files, profile, running, wishes.kubernetes);
  const now = await profile.flags(files);
  const recorded = before?.profile === profile.name ? before.wiring : undefined;
  const wished = { config: wishes.kubeletConfig, binDir: wishes.binDir };
  const wiring = chosenWiring(profile, now, wished, recorded);
  const executable = join(wiring.binDir, PROVIDER_NAME);
  const printed = await wishes.printed(release);
  const own = profile.name === "microk8s" ? withVariable(printed, "LD_LIBRARY_PATH", "") : printed;
  const provider = providerChange(files, wiring.config, own, wishes.isForced);
  const placed = { what: "executable", path: executable, before: undefined, after: rootFile("", 0o755) };
  const withOwn = withChanges(files, [provider.change, placed]);
  const flags = await flagsChange(profile, withOwn, wiring);
  const edited = flags && textChange(files, "flags", flags.path, flags.text);
  const after = withChanges(files, [provider.change, placed, edited]);
  await requireFlags(profile, after, wiring);
  const options = { release, serviceAccountTokens: await sendsTokens(release, running) };
  const verdict = await judgeContent({ before: files, after, wiring, options, isForced: wishes.isForced });
  const { hash, files: read, providers = [] } = verdict;
  if (wishes.fromImage !== undefined) requireOtherRegistry(providers, wishes.fromImage);
  const config =
    wishes.config === undefined ? undefined : configChange(files, wishes.config, wishes.isForced, before);
  const changes = [config, provider.change, edited].filter((change) => change !== undefined);
  const isNew = !isInstalled(files.here(executable));
  const planned = {
    profile,
    wiring,
    executable: { path: executable, isNew },
    provider,
    config,
    flags,
    changes,
  };
  return {
    profile,
    release,
    wiring,
    executable: planned.executable,
    changes,
    content: { flags: wiring, hash, files: read },
    record: plannedRecord(files, planned, before),
  };
}

async function flagsChange(
  profile: Profile,
  files: NodeFiles,
  wiring: Wiring,
): Promise<FlagsChange | undefined> {
  const now = await profile.flags(files);
  if (profile.name === "files" || haveSameFlags(now, wiring)) return undefined;
  const missing = {
    ...(now.config === undefined ? { config: wiring.config } : {}),
    ...(now.binDir === undefined ? { binDir: wiring.binDir } : {}),
  };
  return profile.addFlags(files, missing);
}

async function requireFlags(profile: Profile, after: NodeFiles, wiring: Wiring): Promise<void> {
  if (profile.name === "files" || haveSameFlags(await profile.flags(after), wiring)) return;
  throw new Failure(
    `set the kubelet's flags: they would not count, because ${profile.from} sets others after them`,
    {
      code: "NodeNotUnderstood",
      remedy: "set the two flags where this node sets the kubelet's flags, and run this again",
    },
  );
}

function configChange(
  files: NodeFiles,
  text: string,
  isForced: boolean,
  record: InstallRecord | undefined,
): FileChange | undefined {
  const change = textChange(files, "config", DEFAULT_CONFIG_FILE, text, 0o600);
  const old = change?.before;
  if (change === undefined || old === undefined || isForced) return change;
  if (hashOf(Buffer.from(old.bytes).toString("utf8")) === record?.config?.sha256) return change;
  throw new Failure(`install the config: ${DEFAULT_CONFIG_FILE} is another one, which this did not install`, {
    code: "ConfigExists",
    remedy: "leave out --config to keep it, or replace it with --force",
  });
}
