import { Failure } from "../../failure/failure.ts";
import type { RunningKubelet } from "../../kubelet/running/runningKubelets.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import { hasSystemd, requireLoaded } from "../host/requireLoaded.ts";
import type { InstallRecord } from "../installRecord.ts";
import type { Profile } from "../profiles/profile.ts";
import { healthUrl, illness } from "./kubeletHealth.ts";
import { type Content, hasRead } from "./kubeletOfNode.ts";
import { requireFresh } from "./requireFresh.ts";

/** Whether the kubelet is restarted, or why not, for people. */
export type KubeletTurn =
  | { readonly restart: true; readonly unit: string }
  | { readonly restart: false; readonly why: string };

export interface TurnOptions {
  readonly files: NodeFiles;
  readonly profile: Profile;
  readonly running: RunningKubelet | undefined;
  readonly content: Content;
  readonly record: InstallRecord | undefined;
  /** Not with `--no-restart`. */
  readonly mayRestart: boolean;
  /** Also a kubelet that was changed since its start. */
  readonly isForced: boolean;
}

/**
 * Decides before anything is changed: a kubelet that is ill before is not touched, since no one could tell whose fault it is.
 * @throws Failure `NodeNotUnderstood` for a kubelet that cannot be asked whether it is healthy, or whose unit systemd has not
 * loaded as its files are; `KubeletStale` for one that was changed since its start and would be restarted.
 */
export async function kubeletTurn(options: TurnOptions): Promise<KubeletTurn> {
  const { files, profile, running, isForced } = options;
  if (profile.service !== undefined) await requireLoaded(files, profile.service);
  const turn = await wantedTurn(options);
  if (turn.restart && running !== undefined && !isForced) requireFresh(profile, files, running);
  return turn;
}

async function wantedTurn(options: TurnOptions): Promise<KubeletTurn> {
  const { files, profile, running, content, record, mayRestart } = options;
  const { unit } = profile;
  const no = (why: string): KubeletTurn => ({ restart: false, why });
  if (unit === undefined) return no("not touched: give it the two flags, and restart it");
  if (running !== undefined && !running.isOnThisNode) throw elsewhere();
  const isUnproven = record?.unproven !== undefined;
  if (running === undefined && !isUnproven) return no("none runs here: it reads this at its start");
  if (running && !isUnproven && (await hasRead(running, content, files, record?.reader))) {
    return no("not restarted: it has read this already");
  }
  if (!mayRestart) return no(`not restarted (--no-restart): systemctl restart ${unit}`);
  if (!hasSystemd(files)) {
    return no("not restarted, because no systemd runs here: restart it");
  }
  if (running && !isUnproven) {
    const url = await healthUrl(running, files);
    const ill = url === undefined ? undefined : await illness(url);
    if (ill !== undefined) return no(`not restarted, because it was not healthy before (${ill}): restart it`);
  }
  return { restart: true, unit };
}

function elsewhere(): Failure {
  return new Failure(
    "look at the kubelet: it has another network than this process, and cannot be asked from here",
    {
      code: "NodeNotUnderstood",
      remedy: "run this in the node's network: a pod of a DaemonSet needs hostNetwork: true",
    },
  );
}
