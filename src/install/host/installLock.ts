import { closeSync, constants } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../../failure/failure.ts";
import { makeDirectories } from "../../files/makeDirectories.ts";
import { openRegularFile } from "../../files/regularFile.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import { hostCommand } from "./hostCommand.ts";

const LOCK_FILE = "/run/aliyun-acr-credential-provider-install.lock";

/** What flock(1) ends with when someone else has the lock: not its default of 1, which is also wrong usage. */
const TAKEN = 75;

/**
 * Takes the node's lock for installing: that of flock(2), which the kernel gives back when this process ends, however
 * it ends, and which holds between containers and the node. Node has no flock(2) of its own, so that flock(1) of util-linux
 * takes it for the open file that it gets as stdin: a lock belongs to the open file, and this process keeps it open.
 * @returns what gives it back. @throws Failure `InstallLocked` when another one has it, `InstallLockFailed`.
 */
export async function takeInstallLock(files: NodeFiles): Promise<() => void> {
  const path = files.here(LOCK_FILE);
  makeDirectories(dirname(path), 0o755);
  const { fd } = openRegularFile(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  const args = ["-x", "-n", "-E", String(TAKEN), "0"];
  const here = await hostCommand("flock", args, { root: "/", stdin: fd });
  const missing = !here.ok && here.status === undefined && files.root !== "/";
  const result = missing ? await hostCommand("flock", args, { root: files.root, stdin: fd }) : here;
  if (result.ok) return () => closeSync(fd);
  closeSync(fd);
  if (result.status === TAKEN) {
    throw new Failure(`take the lock ${LOCK_FILE}: another run is at work on this node`, {
      code: "InstallLocked",
      remedy: "wait until it has ended, and run this again",
      transient: true,
    });
  }
  throw new Failure(`take the lock ${LOCK_FILE} by flock: ${result.why}`, {
    code: "InstallLockFailed",
    remedy: "install util-linux, which flock is part of",
  });
}
