import type { RunningKubelet } from "../../kubelet/running/runningKubelets.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import { hostCommand } from "../host/hostCommand.ts";
import { healthUrl, illness } from "./kubeletHealth.ts";
import {
  type Content,
  flagsOfKubelet,
  haveSameFlags,
  kubeletOfNode,
  logFileOf,
  startTimeOf,
  toldHash,
} from "./kubeletOfNode.ts";
import { kubeletWords } from "./kubeletWords.ts";

/**
 * A kubelet that is away for 40 s (50 s since 1.32) makes its node NotReady, so that by then all must be back as it was:
 * node-monitor-grace-period of the controller manager.
 */
const DEADLINE_MS = 30_000;
const POLL_MS = 200;
/** A kubelet without a health endpoint is taken for well when it has run for so long. */
const SETTLED_MS = 10_000;

export interface RestartOptions {
  readonly files: NodeFiles;
  readonly unit: string;
  /** Epoch ms. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export type Restarted =
  | { readonly healthy: true; readonly kubelet: RunningKubelet; readonly ms: number }
  /** `why`: what was missing at the end; `words`: looks up what the kubelet itself said, or "", whatever runs in its place since. */
  | { readonly healthy: false; readonly why: string; words(since: Restarted): Promise<string> };

/**
 * Restarts the kubelet's unit, and waits until a new process has these flags, has read this content as far as that can be
 * told, and is well: 30 s at most, less where it ends twice. Never waits for systemd itself, whose job ends only when RKE2 is up.
 */
export async function restartKubelet(options: RestartOptions, content: Content): Promise<Restarted> {
  const { files, unit, now, sleep } = options;
  const { root } = files;
  const old = kubeletOfNode(files);
  const oldStart = old && startTimeOf(old.pid);
  const startedAt = now();
  await hostCommand("systemctl", ["reset-failed", unit], { root });
  const asked = await hostCommand("systemctl", ["restart", "--no-block", unit], { root });
  if (!asked.ok)
    return { healthy: false, why: `systemctl restart ${unit}: ${asked.why}`, words: async () => "" };
  let why = `${unit} did not start`;
  let kind = old?.kind;
  let seen: number | undefined;
  const started: Started = new Map();
  while (now() - startedAt < DEADLINE_MS) {
    await sleep(POLL_MS);
    if (endedTwice(started) || (await hasGivenUp(unit, root))) break;
    const kubelet = kubeletOfNode(files);
    if (kubelet === undefined || (kubelet.pid === old?.pid && startTimeOf(kubelet.pid) === oldStart))
      continue;
    kind = kubelet.kind;
    const missing = await whatIsMissing(kubelet, content, files, { ms: now() - startedAt, started });
    if (missing === undefined && seen === kubelet.pid) {
      return { healthy: true, kubelet, ms: now() - startedAt };
    }
    // Once more: a process that is about to end may have answered.
    seen = missing === undefined ? kubelet.pid : undefined;
    why = missing ?? why;
  }
  const file = kind && logFileOf({ kind }, files);
  return {
    healthy: false,
    why,
    words: (since) => {
      const others = [old?.pid, since.healthy ? since.kubelet.pid : undefined];
      return kubeletWords({ root, unit, file, others, sleep }, startedAt);
    },
  };
}

/** Whether systemd has seen it end twice: that is no accident any more, and the node has no kubelet meanwhile. */
async function hasGivenUp(unit: string, root: string): Promise<boolean> {
  const shown = await hostCommand("systemctl", ["show", unit, "-p", "ActiveState,SubState,NRestarts"], {
    root,
  });
  if (!shown.ok) return false;
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(shown.stdout)?.[1] ?? "";
  if (value("ActiveState") === "failed") return true;
  return value("SubState") === "auto-restart" && Number(value("NRestarts")) > 0;
}

/** The kubelets that were seen with the flags that they should have: pid to start time. */
type Started = Map<number, string | undefined>;

/** As `hasGivenUp`, where it is not systemd that starts the kubelet again: the unit of RKE2 stays active all the while. */
function endedTwice(started: Started): boolean {
  return [...started].filter(([pid, startTime]) => startTimeOf(pid) !== startTime).length > 1;
}

async function whatIsMissing(
  kubelet: RunningKubelet,
  content: Content,
  files: NodeFiles,
  { ms, started }: { readonly ms: number; readonly started: Started },
): Promise<string | undefined> {
  const flags = await flagsOfKubelet(kubelet);
  if (!haveSameFlags(flags, content.flags)) {
    const { config = "none", binDir = "none" } = flags;
    return `its command line leads to config ${config} and bin directory ${binDir}`;
  }
  started.set(kubelet.pid, startTimeOf(kubelet.pid));
  const url = await healthUrl(kubelet, files);
  if (url === undefined) return ms < SETTLED_MS ? "it has not run for long enough" : undefined;
  const ill = await illness(url);
  if (ill !== undefined) return ill;
  const told = content.hash === undefined ? undefined : await toldHash(kubelet);
  return told !== undefined && told !== content.hash
    ? "it has read another config than the one that was written"
    : undefined;
}
