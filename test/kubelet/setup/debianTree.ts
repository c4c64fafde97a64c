import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { debianTree } from "./paths.ts";

const packages = "systemd,systemd-sysv,dbus,procps,iproute2,util-linux,containerd,runc";

/** A Debian with systemd and containerd, made once: what a node boots from. @returns why it cannot be made, if so. */
export function buildDebianTree(): string | undefined {
  if (existsSync(debianTree)) return undefined;
  if (!Bun.which("mmdebstrap"))
    Bun.spawnSync(["apt-get", "-qq", "-y", "install", "--no-install-recommends", "mmdebstrap"]);
  if (!Bun.which("mmdebstrap")) return "mmdebstrap is missing, and apt-get does not install it";
  const started = Date.now();
  const unfinished = `${debianTree}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(dirname(debianTree), { recursive: true });
  const made = Bun.spawnSync([
    "mmdebstrap",
    "--variant=minbase",
    `--include=${packages}`,
    "bookworm",
    unfinished,
  ]);
  if (made.exitCode !== 0) return `mmdebstrap: ${made.stderr.toString().trim().split("\n").at(-1)}`;
  renameSync(unfinished, debianTree);
  console.log(`a Debian tree with systemd in ${Math.round((Date.now() - started) / 1000)} s`);
  return undefined;
}
