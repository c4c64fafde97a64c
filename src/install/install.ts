import { Failure } from "../failure/failure.ts";
import { applyPlan, type Earlier, removeFolders, undo } from "./applyPlan.ts";
import { forgetPrevious } from "./files/executableFile.ts";
import type { NodeFiles } from "./files/nodeFiles.ts";
import {
  fromBefore,
  type InstallRecord,
  readRecord,
  removeRecord,
  toBefore,
  writeRecord,
} from "./installRecord.ts";
import { judgeContent } from "./judgeContent.ts";
import { type Content, kubeletOfNode, startTimeOf } from "./kubelet/kubeletOfNode.ts";
import { type KubeletTurn, kubeletTurn } from "./kubelet/kubeletTurn.ts";
import { type Restarted, restartKubelet } from "./kubelet/restartKubelet.ts";
import { type InstallPlan, type InstallWishes, planInstall } from "./planInstall.ts";
import { rejectionKey, rejectionOf, rememberRejected } from "./rejectedContent.ts";

/** The node, and what waiting for its kubelet takes. */
export interface InstallHost {
  readonly files: NodeFiles;
  /** Epoch ms. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface InstallOptions extends InstallWishes {
  /** Not with `--no-restart`. */
  readonly mayRestart: boolean;
}

/** What is going to be done. */
export interface PlannedInstall {
  readonly plan: InstallPlan;
  readonly turn: KubeletTurn;
  readonly before: InstallRecord | undefined;
}

/** Looks and decides; changes nothing. @throws Failure for what is not understood, or was rejected before. */
export async function prepareInstall(
  { files }: InstallHost,
  options: InstallOptions,
): Promise<PlannedInstall> {
  const before = readRecord(files);
  const running = kubeletOfNode(files);
  const plan = await planInstall(files, running, options, before);
  const { profile, content } = plan;
  const { mayRestart, isForced } = options;
  const turn = await kubeletTurn({ files, profile, running, content, record: before, mayRestart, isForced });
  const rejection = turn.restart
    ? rejectionOf(files, rejectionKey(content, plan.release.version))
    : undefined;
  if (rejection !== undefined && !options.isForced) {
    throw new Failure(
      `restart the kubelet: it rejected this very content at ${rejection.at}, and is not restarted for it again: ${rejection.reason}`,
      { code: "KubeletRejected", remedy: "change what it complained about, or try once more with --force" },
    );
  }
  return { plan, turn, before };
}

/** What became of the kubelet, for people. @throws Failure `KubeletRejected` when all had to be taken back. */
export async function carryOut(host: InstallHost, { plan, turn, before }: PlannedInstall): Promise<string> {
  const { files } = host;
  const executable = plan.executable.isNew ? plan.executable.path : undefined;
  const way = wayBack(plan, before);
  if (executable !== undefined || plan.changes.length > 0 || turn.restart) {
    writeRecord(files, { ...plan.record, unproven: unprovenBy(way) });
  }
  try {
    await applyPlan(files, { executable, changes: plan.changes });
  } catch (error) {
    // What an unfinished run has changed before this one is there still.
    resetRecord(files, plan, before);
    throw error;
  }
  let { record } = plan;
  let said = turn.restart ? "" : turn.why;
  if (turn.restart) {
    const restarted = await restartKubelet({ ...host, unit: turn.unit }, plan.content);
    if (!restarted.healthy) {
      undo(files, way.executable, way.earlier);
      resetRecord(files, plan, way.record);
      throw await takenBack(host, plan, turn.unit, restarted);
    }
    said = `restarted, healthy after ${(restarted.ms / 1000).toFixed(1)} s`;
    record = { ...record, ...readerOf(restarted.kubelet.pid, plan.content) };
  }
  forgetPrevious(files.itself(plan.executable.path));
  writeRecord(files, record);
  return said;
}

/** How the node was before this run, and before runs that did not end. */
interface WayBack {
  readonly earlier: readonly Earlier[];
  /** The executable that was put there; undefined: none was. */
  readonly executable: string | undefined;
  readonly record: InstallRecord | undefined;
}

function wayBack(plan: InstallPlan, before: InstallRecord | undefined): WayBack {
  const { path, isNew } = plan.executable;
  const unproven = before?.unproven;
  return {
    earlier: earlierFiles(plan, before),
    executable: isNew || unproven?.isNewExecutable ? path : undefined,
    record: unproven === undefined ? before : unproven.record,
  };
}

function unprovenBy({ earlier, executable, record }: WayBack): NonNullable<InstallRecord["unproven"]> {
  return {
    files: earlier.map(({ path, before }) => toBefore(path, before)),
    isNewExecutable: executable !== undefined,
    ...(record === undefined ? {} : { record }),
  };
}

/** The record as it was, with the folders gone that were made for nothing. */
function resetRecord(files: NodeFiles, { record }: InstallPlan, before: InstallRecord | undefined): void {
  if (before === undefined) removeRecord(files);
  else writeRecord(files, before);
  removeFolders(files, record.folders);
}

function readerOf(pid: number, { hash }: Content): Pick<InstallRecord, "reader"> {
  const startTime = startTimeOf(pid);
  return startTime === undefined || hash === undefined ? {} : { reader: { pid, startTime, hash } };
}

/** How the files were before this run, and before runs that were killed before a kubelet was seen to accept theirs. */
function earlierFiles({ changes }: InstallPlan, before: InstallRecord | undefined): Earlier[] {
  const older = (before?.unproven?.files ?? []).map((each) => ({
    path: each.path,
    before: fromBefore(each),
  }));
  return [...older, ...changes.filter(({ path }) => !older.some((each) => each.path === path))];
}

async function takenBack(
  host: InstallHost,
  plan: InstallPlan,
  unit: string,
  { why, words }: Extract<Restarted, { healthy: false }>,
): Promise<Failure> {
  const { files } = host;
  // First of all the node gets its kubelet back.
  const again = await restartKubelet({ ...host, unit }, await contentNow(files, plan));
  const reason = withWords(why, await words(again));
  const key = rejectionKey(plan.content, plan.release.version);
  rememberRejected(files, { sha256: key, at: new Date(host.now()).toISOString(), reason });
  const end = again.healthy
    ? `all is as it was before, and the kubelet is healthy again after ${(again.ms / 1000).toFixed(1)} s`
    : `all is as it was before, but the kubelet is not healthy: ${withWords(again.why, await again.words(again))}`;
  return new Failure(`restart the kubelet: it was not healthy with the changes (${reason}); ${end}`, {
    code: "KubeletRejected",
    remedy: "fix what it complained about, and run this again",
  });
}

/** What was missing, and what the kubelet itself said. */
export function withWords(why: string, words: string): string {
  return words === "" ? why : `${why}; it said: ${words}`;
}

/** What a kubelet reads now that the files are back. */
async function contentNow(files: NodeFiles, { profile, release }: InstallPlan): Promise<Content> {
  const flags = await profile.flags(files);
  const { config, binDir } = flags;
  if (config === undefined || binDir === undefined) return { flags, hash: undefined, files: [] };
  const judged = {
    before: files,
    after: files,
    wiring: { config, binDir },
    options: { release },
    isForced: true,
  };
  const content = await judgeContent(judged).catch(() => ({ hash: undefined, files: [] }));
  return { flags, ...content };
}
