import { type Command, type CommandContext, noOperands } from "../../cli/command.ts";
import { differences } from "../../install/differences.ts";
import { takeInstallLock } from "../../install/host/installLock.ts";
import { type PlannedUninstall, prepareUninstall, takeAway } from "../../install/uninstall.ts";
import { namedProfile, nodeHost, onNode, requireRoot, text } from "./nodeHost.ts";

/** `node uninstall`: takes away what `node install` put there, as far as it is unchanged. */
export const nodeUninstall: Command = {
  name: "node uninstall",
  ...noOperands,
  flags: ["--profile", "--root", "--kubernetes", "--no-restart", "--dry-run", "--force"],
  help: "take the plugin off this node",
  run: uninstallFromNode,
};

async function uninstallFromNode(context: CommandContext): Promise<number> {
  requireRoot();
  const { flags, secrets } = context;
  const host = nodeHost(context);
  const isForced = flags["--force"] === true;
  const isDryRun = flags["--dry-run"] === true;
  return onNode(host, async () => {
    const unlock = isDryRun ? undefined : await takeInstallLock(host.files);
    try {
      const planned = await prepareUninstall(host, {
        profile: namedProfile(flags),
        kubernetes: text(flags, "--kubernetes"),
        isForced,
        mayRestart: flags["--no-restart"] !== true,
      });
      if (planned.record === undefined && planned.plan.changes.length === 0) {
        context.print("nothing of it is installed here\n");
        return 0;
      }
      const lines = isDryRun ? plannedLines(planned) : await doneLines(host, planned, isForced);
      context.print(secrets.redact(`${lines.join("\n")}\n`));
    } finally {
      unlock?.();
    }
    return 0;
  });
}

function plannedLines({ plan, turn, record }: PlannedUninstall): string[] {
  return [
    `profile: ${plan.profile.name} (${plan.profile.from})`,
    `kubelet: ${turn.restart ? `would be restarted (${turn.unit})` : turn.why}`,
    ...[record?.config, record?.executable].flatMap((file) =>
      file === undefined ? [] : [`${file.path}: would be removed, if it is unchanged`],
    ),
    differences(plan.changes).trimEnd(),
  ];
}

async function doneLines(
  host: Parameters<typeof takeAway>[0],
  planned: PlannedUninstall,
  isForced: boolean,
): Promise<string[]> {
  const { kubelet, lines } = await takeAway(host, planned, isForced);
  const { profile, changes } = planned.plan;
  return [
    `profile: ${profile.name} (${profile.from})`,
    ...changes.map(
      ({ what, path, after }) => `${what}: ${path}: ${after === undefined ? "removed" : "changed"}`,
    ),
    `kubelet: ${kubelet}`,
    ...lines,
  ];
}
