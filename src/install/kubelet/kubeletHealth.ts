import { parse } from "yaml";
import { textOf } from "../../kubelet/credentialProviderConfig/kubeletFiles.ts";
import { flagValue } from "../../kubelet/running/commandFlags.ts";
import { kubeletCommand } from "../../kubelet/running/kubeletCommand.ts";
import type { RunningKubelet } from "../../kubelet/running/runningKubelets.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";

const TIMEOUT_MS = 2000;

/** Where a kubelet says whether it is well; undefined: it was told not to (port 0). */
export async function healthUrl(kubelet: RunningKubelet, files: NodeFiles): Promise<string | undefined> {
  const words = (await kubeletCommand(kubelet)).words.flatMap((source) => source.words);
  const settings = configured(words, files);
  const port = Number(flagValue(words, "healthz-port") ?? settings.healthzPort ?? 10248);
  const address = flagValue(words, "healthz-bind-address") ?? settings.healthzBindAddress ?? "127.0.0.1";
  if (port === 0) return undefined;
  return `http://${reachable(String(address))}:${port}/healthz`;
}

function reachable(address: string): string {
  if (address === "0.0.0.0" || address === "") return "127.0.0.1";
  if (address === "::") return "[::1]";
  return address.includes(":") ? `[${address}]` : address;
}

interface HealthSettings {
  readonly healthzPort?: unknown;
  readonly healthzBindAddress?: unknown;
}

/** The file of `--config`, then those of `--config-dir`, in the order of their names. */
function configured(words: readonly string[], files: NodeFiles): HealthSettings {
  const [file, folder] = [flagValue(words, "config"), flagValue(words, "config-dir")];
  const names = folder !== undefined && files.kindOf(folder) === "directory" ? [...files.list(folder)] : [];
  const dropIns = names.filter((name) => name.endsWith(".conf")).sort();
  const paths = [...(file === undefined ? [] : [file]), ...dropIns.map((name) => `${folder}/${name}`)];
  return Object.assign({}, ...paths.map((path) => settingsIn(files, path)));
}

function settingsIn(files: NodeFiles, path: string): HealthSettings {
  try {
    const value: unknown = parse(textOf(files, path) ?? "");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Undefined: it is well. Else what it said instead. */
export async function illness(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" });
    await response.body?.cancel();
    return response.status === 200 ? undefined : `${url} answers ${response.status}`;
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return `${url} does not answer (${code ?? name})`;
  }
}
