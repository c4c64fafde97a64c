import { statSync } from "node:fs";
import { join } from "node:path";
import { credentialFlagsOf } from "../../kubelet/running/credentialFlags.ts";
import { kubeletCommand } from "../../kubelet/running/kubeletCommand.ts";
import { kubeletSettings } from "../../kubelet/running/kubeletSettings.ts";
import { loadedConfigHash } from "../../kubelet/running/loadedConfigHash.ts";
import { startOf, textOf } from "../../kubelet/running/processes.ts";
import { type RunningKubelet, runningKubelets } from "../../kubelet/running/runningKubelets.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import type { InstallRecord } from "../installRecord.ts";
import type { ProviderFlags } from "../profiles/profile.ts";

/** The kubelet that has the node's `/` as its own; undefined where none runs, as on an image that is being built. */
export function kubeletOfNode({ root }: NodeFiles): RunningKubelet | undefined {
  const own = statSync(root);
  return runningKubelets().find(({ pid }) => {
    try {
      const { dev, ino } = statSync(`/proc/${pid}/root/`);
      return dev === own.dev && ino === own.ino;
    } catch {
      return false;
    }
  });
}

/** The start of a process in clock ticks since boot: with its pid it tells this process from any other. */
export function startTimeOf(pid: number): string | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}

/** The flags that the running kubelet was started with. */
export async function flagsOfKubelet(kubelet: RunningKubelet): Promise<ProviderFlags> {
  const { config, binDir } = credentialFlagsOf(await kubeletCommand(kubelet), kubelet.files);
  return { config: config?.value, binDir: binDir?.value };
}

export function haveSameFlags(one: ProviderFlags, other: ProviderFlags): boolean {
  return one.config === other.config && one.binDir === other.binDir;
}

/** What a kubelet has to have read. */
export interface Content {
  readonly flags: ProviderFlags;
  /** Of its config as the kubelet hashes it; undefined: none is to be read. */
  readonly hash: string | undefined;
  /** The files of the config, as the node names them. */
  readonly files: readonly string[];
}

/** What the start of a process is uncertain by (ms). */
const MARGIN_MS = 50;

/**
 * Whether the running kubelet was started with these flags and has read this content: by its own metric where it tells,
 * else by the record, else because no file was changed since its start.
 */
export async function hasRead(
  kubelet: RunningKubelet,
  content: Content,
  files: NodeFiles,
  reader: InstallRecord["reader"],
): Promise<boolean> {
  if (!haveSameFlags(await flagsOfKubelet(kubelet), content.flags)) return false;
  if (content.flags.config === undefined) return true;
  const { pid } = kubelet;
  if (content.hash !== undefined) {
    const told = await toldHash(kubelet);
    if (told !== undefined) return told === content.hash;
    if (reader?.pid === pid && reader.startTime === startTimeOf(pid)) return reader.hash === content.hash;
  }
  const startedAt = startOf(pid) ?? 0;
  return content.files.every((path) => changedAt(files.here(path)) < startedAt - MARGIN_MS);
}

/** The hash of the config that a kubelet says it has read; undefined where it does not say. */
export async function toldHash(kubelet: RunningKubelet): Promise<string | undefined> {
  const settings = await kubeletSettings(await kubeletCommand(kubelet), kubelet.files);
  const told = await loadedConfigHash(kubelet, settings);
  return "hash" in told ? told.hash : undefined;
}

/** A rename counts as a change, which the time of modification does not show. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? Number.POSITIVE_INFINITY;
}

/** Where the log of a kubelet is that does not write to the journal of its unit. */
export function logFileOf({ kind }: Pick<RunningKubelet, "kind">, { root }: NodeFiles): string | undefined {
  return kind === "rke2" ? join(root, "/var/lib/rancher/rke2/agent/logs/kubelet.log") : undefined;
}
