import { join } from "node:path";
import {
  type ConfigVerdict,
  formatFileProblem,
  readCredentialProviderConfig,
} from "../kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import { textOf } from "../kubelet/credentialProviderConfig/kubeletFiles.ts";
import type { RunningKubelet } from "../kubelet/running/runningKubelets.ts";
import { fileHash } from "./files/executableFile.ts";
import type { NodeFiles } from "./files/nodeFiles.ts";
import { hostCommand } from "./host/hostCommand.ts";
import { hashOf, type InstallRecord, readRecord } from "./installRecord.ts";
import { healthUrl, illness } from "./kubelet/kubeletHealth.ts";
import {
  type Content,
  flagsOfKubelet,
  hasRead,
  haveSameFlags,
  kubeletOfNode,
} from "./kubelet/kubeletOfNode.ts";
import { nodeRelease, sendsTokens } from "./kubelet/nodeRelease.ts";
import { findProfile } from "./profiles/findProfile.ts";
import type { ProfileName, Wiring } from "./profiles/profile.ts";
import { entryIn } from "./provider/changeConfigText.ts";
import { ownFileIn } from "./provider/providerChange.ts";
import { PROVIDER_NAME } from "./provider/providerEntry.ts";

/** `installed`: as node install put it there; `other`: it is there, and is another one. */
type Presence = "missing" | "installed" | "other";

/** What of the plugin is on a node; `node status --output json` prints it as it is. */
export interface NodeState {
  readonly profile: ProfileName;
  /** By what it was recognised. */
  readonly profileFrom: string;
  readonly kubernetes: string | null;
  /** `version`: as it says itself. */
  readonly executable: { readonly path: string; readonly state: Presence; readonly version: string | null };
  /** `problems`: for which the kubelet would not start, each with file and line. */
  readonly provider: {
    readonly path: string;
    readonly state: Presence;
    readonly problems: readonly string[];
  };
  /** Of the kubelet's next start; `areOurs`: node install set them. */
  readonly flags: {
    readonly config: string | null;
    readonly binDir: string | null;
    readonly areOurs: boolean;
  };
  /** `illness`: why it is not healthy; null: it is, or none runs. */
  readonly kubelet: {
    readonly pid: number | null;
    readonly hasFlags: boolean;
    readonly hasRead: boolean;
    readonly illness: string | null;
  };
  /** A run of node install did not end: run it again. */
  readonly isUnfinished: boolean;
  /** Executable and provider are there. */
  readonly isInstalled: boolean;
  /** The kubelet's next start finds both. */
  readonly isWired: boolean;
  /** The kubelet that runs has read it, and is healthy. */
  readonly isRunning: boolean;
}

export interface StateWishes {
  readonly profile?: ProfileName | undefined;
  readonly kubernetes?: string | undefined;
}

/** Looks at a node. Changes nothing. @throws Failure `NodeNotUnderstood` where no profile fits. */
export async function nodeStateOf(files: NodeFiles, wishes: StateWishes): Promise<NodeState> {
  const record = readRecord(files);
  const running = kubeletOfNode(files);
  const profile = findProfile(files, { wanted: wishes.profile, recorded: record?.profile }, running?.kind);
  const release = await nodeRelease(files, profile, running, wishes.kubernetes);
  const flags = await profile.flags(files);
  const { config: ownConfig, binDir: ownBinDir } = record?.wiring ?? profile.defaults;
  const wiring = { config: flags.config ?? ownConfig, binDir: flags.binDir ?? ownBinDir };
  const serviceAccountTokens = await sendsTokens(release, running);
  const verdict = await readCredentialProviderConfig(wiring.config, { release, files, serviceAccountTokens });
  const executable = await executableState(files, join(wiring.binDir, PROVIDER_NAME), record);
  const provider = providerState(files, wiring.config, record, verdict);
  const kubelet = await kubeletState(files, running, contentOf(wiring, verdict), record);
  const isInstalled = executable.state !== "missing" && provider.state !== "missing";
  const isLedThere = profile.name === "files" ? kubelet.hasFlags : haveSameFlags(flags, wiring);
  const isWired = isInstalled && verdict.accepted && isLedThere;
  return {
    profile: profile.name,
    profileFrom: profile.from,
    kubernetes: release.isGuess ? null : release.version,
    executable,
    provider,
    flags: {
      config: flags.config ?? null,
      binDir: flags.binDir ?? null,
      areOurs: record?.flags !== undefined,
    },
    kubelet,
    isUnfinished: record?.unproven !== undefined,
    isInstalled,
    isWired,
    isRunning: isWired && kubelet.hasRead && kubelet.illness === null,
  };
}

function contentOf(flags: Wiring, verdict: ConfigVerdict): Content {
  if (!verdict.accepted) return { flags, hash: undefined, files: [flags.config] };
  return { flags, hash: verdict.hash, files: verdict.files };
}

async function executableState(
  files: NodeFiles,
  path: string,
  record: InstallRecord | undefined,
): Promise<NodeState["executable"]> {
  const here = files.here(path);
  const hash = fileHash(here);
  if (hash === undefined) return { path, state: "missing", version: null };
  const state = hash === record?.executable.sha256 ? "installed" : "other";
  const said = await hostCommand(here, ["--version"], { root: "/" });
  return { path, state, version: said.ok ? (said.stdout.split("\n")[0] ?? "").trim() : null };
}

function providerState(
  files: NodeFiles,
  config: string,
  record: InstallRecord | undefined,
  verdict: ConfigVerdict,
): NodeState["provider"] {
  const path = files.kindOf(config) === "directory" ? ownFileIn(files, config) : config;
  const problems = verdict.accepted ? [] : verdict.problems.map(formatFileProblem);
  const text = path === undefined ? undefined : textOf(files, path);
  if (path === undefined || text === undefined)
    return { path: path ?? config, state: "missing", problems: [] };
  const entry = entryOrNone(text);
  if (entry === undefined) return { path, state: "missing", problems };
  return { path, state: hashOf(entry) === record?.provider.sha256 ? "installed" : "other", problems };
}

function entryOrNone(text: string): ReturnType<typeof entryIn> {
  try {
    return entryIn(text);
  } catch {
    // What is wrong with it is among the verdict's problems.
    return undefined;
  }
}

async function kubeletState(
  files: NodeFiles,
  running: RunningKubelet | undefined,
  content: Content,
  record: InstallRecord | undefined,
): Promise<NodeState["kubelet"]> {
  if (running === undefined) return { pid: null, hasFlags: false, hasRead: false, illness: null };
  const url = await healthUrl(running, files);
  return {
    pid: running.pid,
    hasFlags: haveSameFlags(await flagsOfKubelet(running), content.flags),
    hasRead: await hasRead(running, content, files, record?.reader),
    illness: url === undefined ? null : ((await illness(url)) ?? null),
  };
}
