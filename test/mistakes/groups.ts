import { commandLine } from "./groups/commandLine.ts";
import { configFile } from "./groups/configFile.ts";
import { hosts } from "./groups/hosts.ts";
import { identities } from "./groups/identities.ts";
import { network } from "./groups/network.ts";
import { onTheNode } from "./groups/onTheNode.ts";
import { permissions } from "./groups/permissions.ts";
import { pods } from "./groups/pods.ts";
import type { MistakeGroup } from "./mistake.ts";

/** All mistakes, those that are met most often first. */
export const groups: readonly MistakeGroup[] = [
  hosts,
  permissions,
  identities,
  pods,
  network,
  configFile,
  onTheNode,
  commandLine,
];
