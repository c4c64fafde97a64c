import { statSync } from "node:fs";
import { dirname } from "node:path";
import { Unreadable } from "../credentialProviderConfig/kubeletFiles.ts";
import { boundedRun } from "./boundedRun.ts";
import type { RunningKubelet } from "./runningKubelets.ts";

/** `1.34.4` or `1.33.1+k3s1`, and who says it, or why it is not known. */
export type KnownRelease = { readonly release: string; readonly from: string } | { readonly unknown: string };

/**
 * The release of a running kubelet: what `kubelet --version` or `k3s --version` prints, of MicroK8s the version of the
 * snap. The executable is run only where the process has this one's root and the file is root's: a process of that name
 * may also be one of a container.
 */
export async function releaseOf(kubelet: RunningKubelet): Promise<KnownRelease> {
  const { pid, kind, files, exe = `/proc/${pid}/exe` } = kubelet;
  if (kind === "microk8s") return releaseOfSnap(kubelet, exe);
  if (files.view === "root") {
    return { unknown: "it has a file system of its own, and what is in there is not run from here" };
  }
  const changeable = whoMayChange(`/proc/${pid}/exe`);
  if (changeable !== undefined) return { unknown: `${exe} is not run: ${changeable}` };
  const result = await boundedRun(`/proc/${pid}/exe`, ["--version"]);
  if (!result.ok) return { unknown: `${exe} --version: ${result.why}` };
  return versionIn(result.stdout, `${exe} --version`);
}

function whoMayChange(program: string): string | undefined {
  try {
    const { uid, mode } = statSync(program);
    if (uid !== 0 && uid !== process.geteuid?.()) return `it belongs to user ${uid}`;
    return (mode & 0o022) === 0 ? undefined : "its group or others may change it";
  } catch (error) {
    return `it cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
}

function releaseOfSnap({ files }: RunningKubelet, exe: string): KnownRelease {
  const file = `${dirname(exe)}/meta/snap.yaml`;
  try {
    const text = Buffer.from(files.read(file)).toString("utf8");
    return versionIn(/^version:.*$/m.exec(text)?.[0] ?? "", file);
  } catch (error) {
    if (error instanceof Unreadable) return { unknown: `${file} does not tell it: ${error.message}` };
    throw error;
  }
}

function versionIn(text: string, from: string): KnownRelease {
  const release = /\bv(1\.\d+\.\d+[\w.+-]*)/.exec(text)?.[1];
  return release === undefined ? { unknown: `${from} says no release of Kubernetes` } : { release, from };
}
