import { Failure } from "../failure/failure.ts";
import { applyPlan, removeFolders, undo } from "./applyPlan.ts";
import { fileHash, forgetPrevious } from "./files/executableFile.ts";
import { removeFile, savedFile } from "./files/savedFile.ts";
import { type InstallHost, withWords } from "./install.ts";
import {
  hashOf,
  type InstallRecord,
  readRecord,
  removeRecord,
  toBefore,
  writeRecord,
} from "./installRecord.ts";
import { hasRead, kubeletOfNode } from "./kubelet/kubeletOfNode.ts";
import { type KubeletTurn, kubeletTurn } from "./kubelet/kubeletTurn.ts";
import { restartKubelet } from "./kubelet/restartKubelet.ts";
import { planUninstall, type UninstallPlan, type UninstallWishes } from "./planUninstall.ts";
import { forgetRejected } from "./rejectedContent.ts";

export interface UninstallOptions extends UninstallWishes {
  readonly mayRestart: boolean;
}

export interface PlannedUninstall {
  readonly plan: UninstallPlan;
  readonly turn: KubeletTurn;
  readonly record: InstallRecord | undefined;
  /** Whether the kubelet that runs may go on asking for the executable. */
  readonly isInUse: boolean;
}

/** Looks and decides; changes nothing. @throws Failure for what is not understood, or was changed by hand. */
export async function prepareUninstall(
  { files }: InstallHost,
  options: UninstallOptions,
): Promise<PlannedUninstall> {
  const record = readRecord(files);
  const running = kubeletOfNode(files);
  const plan = await planUninstall(files, running, options, record);
  const { profile, content } = plan;
  const { mayRestart, isForced } = options;
  const turn = await kubeletTurn({ files, profile, running, content, record, mayRestart, isForced });
  const isRead = running === undefined || (await hasRead(running, content, files, record?.reader));
  return { plan, turn, record, isInUse: !turn.restart && !isRead };
}

/** What became of each thing, for people. */
export interface Taken {
  readonly kubelet: string;
  readonly lines: readonly string[];
}

/** @throws Failure `KubeletRejected` when the kubelet was not healthy without it; then all is there again. */
export async function takeAway(
  host: InstallHost,
  planned: PlannedUninstall,
  isForced: boolean,
): Promise<Taken> {
  const { plan, turn, record, isInUse } = planned;
  const kubelet = await changeKubelet(host, planned);
  const { files } = host;
  if (record === undefined) return { kubelet, lines: [] };
  const { config, executable, folders } = record;
  const lines: string[] = [];
  const take = (what: string, path: string, isUnchanged: boolean) => {
    if (!isUnchanged && !isForced) {
      lines.push(`${what}: ${path}: left, because it was changed since it was installed`);
      return;
    }
    removeFile(files.itself(path));
    lines.push(`${what}: ${path}: removed`);
  };
  if (config !== undefined) {
    const bytes = savedFile(files.here(config.path))?.bytes;
    const hash = bytes && hashOf(Buffer.from(bytes).toString("utf8"));
    if (hash !== undefined) take("config", config.path, hash === config.sha256);
  }
  if (isInUse) {
    lines.push(
      `executable: ${executable.path}: left until the kubelet has been restarted; then run this again`,
    );
    const { flags: _, ...rest } = record;
    writeRecord(files, plan.changes.some(({ what }) => what === "flags") ? rest : record);
    return { kubelet, lines };
  }
  const hash = fileHash(files.here(executable.path));
  if (executable.wasThere && !isForced)
    lines.push(`executable: ${executable.path}: left, because it was there before`);
  else if (hash !== undefined) take("executable", executable.path, hash === executable.sha256);
  forgetPrevious(files.itself(executable.path));
  removeRecord(files);
  forgetRejected(files);
  removeFolders(files, folders);
  return { kubelet: turn.restart ? kubelet : turn.why, lines };
}

async function changeKubelet(host: InstallHost, { plan, turn, record }: PlannedUninstall): Promise<string> {
  const { files } = host;
  if (record !== undefined && (plan.changes.length > 0 || turn.restart)) {
    const earlier = plan.changes.map(({ path, before }) => toBefore(path, before));
    const { unproven = { files: earlier, isNewExecutable: false, record } } = record;
    writeRecord(files, { ...record, unproven });
  }
  try {
    await applyPlan(files, { executable: undefined, changes: plan.changes });
  } catch (error) {
    if (record !== undefined) writeRecord(files, record);
    throw error;
  }
  if (!turn.restart) return turn.why;
  const restarted = await restartKubelet({ ...host, unit: turn.unit }, plan.content);
  if (restarted.healthy) return `restarted, healthy after ${(restarted.ms / 1000).toFixed(1)} s`;
  undo(files, undefined, plan.changes);
  if (record !== undefined) writeRecord(files, record);
  const { unit } = turn;
  const again = await restartKubelet(
    { ...host, unit },
    { ...plan.content, flags: await plan.profile.flags(files), hash: undefined },
  );
  const reason = withWords(restarted.why, await restarted.words(again));
  throw new Failure(
    `restart the kubelet: it was not healthy without the provider (${reason}); all is there again`,
    { code: "KubeletRejected", remedy: "fix what it complained about, and run this again" },
  );
}
