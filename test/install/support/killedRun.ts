import { spawn } from "node:child_process";
import { existsSync, type FSWatcher, watch } from "node:fs";
import { executable } from "../../support/executable.ts";

/** When a run is killed: after so many ms, or after so many events in folders that it changes. */
export type Killing =
  | { readonly afterMs: number }
  | { readonly afterEvents: number; readonly folders: readonly string[] };

/** Runs the executable and ends it by SIGKILL; `ended`: it was faster. @returns its exit status then. */
export function killedRun(
  args: readonly string[],
  killing: Killing,
): Promise<{ ended: boolean; status: number | null; stderr: string }> {
  const child = spawn(executable, [...args], { cwd: "/", env: {}, stdio: ["ignore", "ignore", "pipe"] });
  const disarm = arm(killing, () => child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      disarm();
      resolve({ ended: signal === null, status, stderr });
    });
  });
}

/** Kills when it is time to, unless the returned function is called before. */
export function arm(killing: Killing, kill: () => void): () => void {
  if ("afterMs" in killing) {
    const timer = setTimeout(kill, killing.afterMs);
    return () => clearTimeout(timer);
  }
  let events = 0;
  const count = () => {
    if (++events === killing.afterEvents) kill();
  };
  const watchers = killing.folders.filter(existsSync).flatMap((folder) => watching(folder, count));
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}

/** Nothing where the folder is just being removed. */
function watching(folder: string, count: () => void): FSWatcher[] {
  try {
    return [watch(folder, count)];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
