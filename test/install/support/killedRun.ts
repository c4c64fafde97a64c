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
  const watchers: FSWatcher[] = [];
  const child = spawn(executable, [...args], { cwd: "/", env: {}, stdio: ["ignore", "ignore", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  if ("afterMs" in killing) timer = setTimeout(kill, killing.afterMs);
  else {
    let events = 0;
    const count = () => {
      if (++events === killing.afterEvents) kill();
    };
    for (const folder of killing.folders.filter(existsSync)) watchers.push(watch(folder, count));
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      resolve({ ended: signal === null, status, stderr });
    });
  });
}
