import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type Service, startService } from "../../kubelet/node/service.ts";

const folder = "/run/systemd/stand-in";
/** There it says that systemd runs the node: sd_booted(3). */
const booted = "/run/systemd/system";
const unit = "/etc/systemd/system/kubelet.service";
export const environmentFile = "/etc/default/kubelet";

/** The node's systemctl, before the real one in every PATH: no systemd runs in these namespaces that it could ask. */
const systemctl = `#!/bin/sh
case "$1" in
show) cat ${folder}/shown ;;
reset-failed) ;;
restart) echo "$@" >>${folder}/restarts ;;
*) echo "the tests' stand-in for systemctl does not know $1" >&2; exit 1 ;;
esac
`;

/** A kubelet that is started as its unit says, and restarted by the node's `systemctl`. */
export interface UnitOfKubelet extends Service {
  /** How often `systemctl restart` was called. */
  restarts(): number;
}

const PAUSE_MS = 50;
/** As long as it takes until a kubelet that has ended by itself is started again. */
const RESTART_MS = 500;

/**
 * Stands in for systemd, as far as one unit goes: a unit with an environment file, as kubeadm's packages have it, that is
 * started again whenever it ends. Shell puts the variable in.
 */
export function startUnitOfKubelet(command: readonly string[]): UnitOfKubelet {
  const line = [...command, "$KUBELET_EXTRA_ARGS"].join(" ");
  for (const path of [folder, booted, "/etc/systemd/system", "/etc/default"])
    mkdirSync(path, { recursive: true });
  writeFileSync(`${folder}/restarts`, "");
  writeFileSync("/usr/local/sbin/systemctl", systemctl);
  chmodSync("/usr/local/sbin/systemctl", 0o755);
  writeFileSync(environmentFile, "KUBELET_EXTRA_ARGS=\n");
  writeFileSync(unit, `[Service]\nEnvironmentFile=-${environmentFile}\nExecStart=${line}\nRestart=always\n`);

  const start = () => startService("kubelet-unit", ["sh", "-c", `. ${environmentFile}; exec ${line}`]);
  const restarts = () => readFileSync(`${folder}/restarts`, "utf8").split("\n").length - 1;
  let service = start();
  let isOn = true;
  const watching = watch();

  async function watch(): Promise<void> {
    let [seen, ends] = [restarts(), 0];
    while (isOn) {
      show("running", ends);
      await Bun.sleep(PAUSE_MS);
      const wanted = restarts() > seen;
      if (wanted) {
        [seen, ends] = [restarts(), 0];
        await service.stop();
      } else if (!service.running()) {
        show("auto-restart", ++ends);
        await Bun.sleep(RESTART_MS);
      } else continue;
      if (isOn) service = start();
    }
  }

  return {
    log: () => service.log(),
    position: () => service.position(),
    logSince: (position) => service.logSince(position),
    running: () => service.running(),
    restarts,
    async stop() {
      isOn = false;
      await watching;
      await service.stop();
      for (const path of [folder, booted, unit, "/usr/local/sbin/systemctl"])
        rmSync(path, { recursive: true });
    },
  };
}

function show(state: "running" | "auto-restart", ends: number): void {
  const active = state === "running" ? "active" : "activating";
  const shown = {
    LoadState: "loaded",
    NeedDaemonReload: "no",
    EnvironmentFiles: `${environmentFile} (ignore_errors=yes)`,
    ActiveState: active,
    SubState: state,
    NRestarts: ends,
  };
  const lines = Object.entries(shown).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(`${folder}/.shown`, lines.join(""));
  renameSync(`${folder}/.shown`, `${folder}/shown`);
}
