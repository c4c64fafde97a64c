import { Failure } from "../../failure/failure.ts";
import type { ServiceUnit } from "../../kubelet/running/systemdUnit.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import { hostCommand } from "./hostCommand.ts";

/** Whether systemd runs the node: sd_booted(3). */
export function hasSystemd(files: NodeFiles): boolean {
  return files.kindOf("/run/systemd/system") === "directory";
}

/**
 * What systemd has loaded of the unit is what its files say now, so that what was read from them holds at the next start.
 * @throws Failure `NodeNotUnderstood`.
 */
export async function requireLoaded(files: NodeFiles, unit: ServiceUnit): Promise<void> {
  if (!hasSystemd(files)) return;
  const name = `${unit.name}.service`;
  const args = ["show", name, "-p", "NeedDaemonReload,LoadState,EnvironmentFiles"];
  const shown = await hostCommand("systemctl", args, { root: files.root });
  if (!shown.ok) {
    throw notUnderstood(
      `systemctl show ${name}: ${shown.why}`,
      "run this where systemctl reaches the node's systemd",
    );
  }
  const values = (setting: string) =>
    [...shown.stdout.matchAll(new RegExp(`^${setting}=(.*)$`, "gm"))].map(([, value = ""]) => value);
  if (values("LoadState")[0] !== "loaded" || values("NeedDaemonReload")[0] === "yes") {
    throw notUnderstood(
      `the files of ${name} were changed since systemd loaded them`,
      "run systemctl daemon-reload",
    );
  }
  const loaded = values("EnvironmentFiles").map((value) => value.replace(/ \(ignore_errors=\w+\)$/, ""));
  const read = unit.environmentFiles;
  if (loaded.join("\n") === read.join("\n")) return;
  throw notUnderstood(
    `systemd reads the environment files ${loaded.join(", ") || "none"} for ${name}, and its files say ${read.join(", ") || "none"}`,
    "set the two flags where this node sets the kubelet's flags, and run this again",
  );
}

function notUnderstood(cause: string, remedy: string): Failure {
  return new Failure(`find out how systemd runs the kubelet: ${cause}`, {
    code: "NodeNotUnderstood",
    remedy,
  });
}
