import { type KubeletFiles, Unreadable } from "../credentialProviderConfig/kubeletFiles.ts";
import { flagValue, type Words } from "./commandFlags.ts";
import { environmentOf } from "./processes.ts";
import { k3sRole, type RunningKubelet } from "./runningKubelets.ts";
import { shellWords } from "./shellWords.ts";

/**
 * The arguments of a running k3s, the later ones count: of its config file, of the files in the folder beside it, and of
 * its command line. k3s wipes its command line, so that this is the one in the unit that its installer writes.
 */
export async function rancherWords(kubelet: RunningKubelet): Promise<readonly Words[]> {
  const { files, argv, pid } = kubelet;
  const typed =
    argv.length > 1
      ? { words: argv.slice(1), from: `the command line of process ${pid}` }
      : unitWords(kubelet);
  const named = typed && (flagValue(typed.words, "config") ?? flagValue(typed.words, "c"));
  const main = named ?? environmentOf(pid)?.K3S_CONFIG_FILE ?? "/etc/rancher/k3s/config.yaml";
  const settings = new Map<string, Words>();
  for (const file of [main, ...droppedIn(files, `${main}.d`)]) {
    for (const [key, value] of await settingsIn(files, file)) addSetting(settings, key, value, file);
  }
  return [...settings.values(), ...(typed === undefined ? [] : [typed])];
}

/** `key+` adds to what the files before say of the key, `key` replaces it. */
function addSetting(settings: Map<string, Words>, key: string, value: unknown, file: string): void {
  const name = key.replace(/\+$/, "");
  const before = name === key ? [] : (settings.get(name)?.words ?? []);
  const values = Array.isArray(value) ? value : [value];
  const words = [...before, ...values.map((each) => `--${name}=${each}`)];
  settings.set(name, { words, from: file });
}

function unitWords(kubelet: RunningKubelet): Words | undefined {
  const name = k3sRole(kubelet) === "agent" ? "k3s-agent" : "k3s";
  const file = `/etc/systemd/system/${name}.service`;
  const command = /^ExecStart=(.*)$/m.exec(textOf(kubelet.files, file)?.replaceAll("\\\n", " ") ?? "")?.[1];
  return command === undefined ? undefined : { words: shellWords(command).slice(1), from: file };
}

function droppedIn(files: KubeletFiles, folder: string): string[] {
  try {
    if (files.kindOf(folder) !== "directory") return [];
    const names = files.list(folder).filter((name) => /\.ya?ml$/.test(name));
    return names.sort().map((name) => `${folder}/${name}`);
  } catch (error) {
    if (error instanceof Unreadable) return [];
    throw error;
  }
}

/** The keys of one config file; none where it cannot be read, with which k3s would not have started. */
async function settingsIn(files: KubeletFiles, file: string): Promise<[string, unknown][]> {
  const text = textOf(files, file);
  if (text === undefined) return [];
  const { parse } = await import("yaml");
  try {
    const value: unknown = parse(text);
    return typeof value === "object" && value !== null ? Object.entries(value) : [];
  } catch {
    return [];
  }
}

function textOf(files: KubeletFiles, file: string): string | undefined {
  try {
    return Buffer.from(files.read(file)).toString("utf8");
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
