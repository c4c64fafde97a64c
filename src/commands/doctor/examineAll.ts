import { asFailure } from "../../failure/failure.ts";
import type { Check, Examination, Examine, GroupName } from "./check.ts";
import { groupNames } from "./check.ts";
import { examineConfig } from "./groups/config.ts";
import { examineExecutable } from "./groups/executable.ts";
import { examineIdentity } from "./groups/identity.ts";
import { examineImages } from "./groups/images.ts";
import { examineInstances } from "./groups/instances.ts";
import { examineKubelet } from "./groups/kubelet/kubelet.ts";
import { examineNetwork } from "./groups/network.ts";
import type { JudgedConfig } from "./judgedConfig.ts";
import { checksOf } from "./makeCheck.ts";
import type { ObservedNode } from "./observedNode.ts";

/** What the checks of this node look at. */
export interface LocalExamination {
  readonly node: ObservedNode;
  readonly judged: JudgedConfig;
  /** The environment of whoever runs doctor. */
  readonly shell: Readonly<Record<string, string | undefined>>;
}

/** The groups that ask someone else, by name. */
const remoteGroups = {
  network: examineNetwork,
  identity: examineIdentity,
  instances: examineInstances,
  images: examineImages,
} as const satisfies Partial<Record<GroupName, Examine>>;

/** All checks, group by group; those of groups that need a config and have none are skipped, with why. */
export async function* examineAll(
  local: LocalExamination,
  examination: Examination,
  beginGroup: (group: GroupName) => void,
): AsyncIterable<Check> {
  for (const group of groupNames) {
    beginGroup(group);
    try {
      yield* examineGroup(group, local, examination);
    } catch (error) {
      const { message, remedy = "" } = asFailure(error);
      yield checksOf(group)("group", "this group").failed(message, remedy);
    }
  }
}

function examineGroup(
  group: GroupName,
  { node, judged, shell }: LocalExamination,
  examination: Examination,
): AsyncIterable<Check> {
  const { images, offline } = examination;
  switch (group) {
    case "config":
      return examineConfig(node, judged);
    case "executable":
      return examineExecutable(node);
    case "kubelet":
      return examineKubelet(node, { judged, images, offline, shell });
    default:
      return examination.run === undefined ? notExamined(group, node) : remoteGroups[group](examination);
  }
}

async function* notExamined(group: GroupName, { files }: ObservedNode): AsyncIterable<Check> {
  const why =
    files.view === "root"
      ? "the kubelet has a file system of its own, and nothing is sent with a config from there"
      : "the config cannot be used: see config above";
  yield checksOf(group)("group", "all checks of this group").skipped(why);
}
