import { Unreadable } from "../credentialProviderConfig/kubeletFiles.ts";
import { flagValue, flagValues, type Words } from "./commandFlags.ts";
import { environmentOf } from "./processes.ts";
import type { ProcessFiles } from "./processFiles.ts";
import { rancherWords } from "./rancherWords.ts";
import type { RunningKubelet } from "./runningKubelets.ts";

export const CONFIG_FLAG = "image-credential-provider-config";
export const BIN_DIR_FLAG = "image-credential-provider-bin-dir";

/** The value of one of the two flags, and where it stands. */
export interface FlagSetting {
  readonly value: string;
  readonly from: string;
}

/** The two flags of a kubelet that lead to its credential providers. */
export interface CredentialFlags {
  readonly config?: FlagSetting;
  readonly binDir?: FlagSetting;
  /** k3s passes neither on where one of them leads nowhere: which, and why. */
  readonly notPassed?: string;
}

/** Where k3s and RKE2 look by default. */
export const RANCHER_CONFIG = "/var/lib/rancher/credentialprovider/config.yaml";
export const RANCHER_BIN_DIR = "/var/lib/rancher/credentialprovider/bin";

/** With which of the two flags a running kubelet was started. */
export async function credentialFlagsOf(kubelet: RunningKubelet): Promise<CredentialFlags> {
  if (kubelet.kind === "k3s") return flagsOfK3s(await rancherWords(kubelet), kubelet.files);
  const words = kubelet.kind === "microk8s" ? wordsOfMicroK8s(kubelet) : commandLine(kubelet);
  return {
    ...settingOf("config", [words], CONFIG_FLAG),
    ...settingOf("binDir", [words], BIN_DIR_FLAG),
  };
}

function commandLine({ pid, argv }: RunningKubelet): Words {
  return { words: argv.slice(1), from: `the command line of process ${pid}` };
}

function settingOf<Key extends keyof CredentialFlags>(
  key: Key,
  sources: readonly Words[],
  flag: string,
): { [name in Key]?: FlagSetting } {
  const settings = sources.flatMap(({ words, from }) =>
    flagValues(words, flag).map((value) => ({ value, from })),
  );
  const last = settings.at(-1);
  return (last === undefined || last.value === "" ? {} : { [key]: last }) as { [name in Key]?: FlagSetting };
}

/**
 * k3s hands its own two flags on only where they lead to a directory and to something that is not one, and then what
 * `kubelet-arg` says: ImageCredProvAvailable in k3s-io/k3s, pkg/daemons/agent.
 */
function flagsOfK3s(sources: readonly Words[], files: ProcessFiles): CredentialFlags {
  const defaults = [`--${CONFIG_FLAG}=${RANCHER_CONFIG}`, `--${BIN_DIR_FLAG}=${RANCHER_BIN_DIR}`];
  const own = [{ words: defaults, from: "the default of k3s" }, ...sources];
  const config = settingOf("config", own, CONFIG_FLAG).config;
  const binDir = settingOf("binDir", own, BIN_DIR_FLAG).binDir;
  const extra = sources.map(({ words, from }) => ({
    from: `kubelet-arg in ${from}`,
    words: flagValues(words, "kubelet-arg").map((word) => `--${word.replace(/^-+/, "")}`),
  }));
  const notPassed = whyNotPassed(config, binDir, files);
  return {
    ...(notPassed === undefined && config && binDir ? { config, binDir } : {}),
    ...settingOf("config", extra, CONFIG_FLAG),
    ...settingOf("binDir", extra, BIN_DIR_FLAG),
    ...(notPassed === undefined ? {} : { notPassed }),
  };
}

function whyNotPassed(
  config: FlagSetting | undefined,
  binDir: FlagSetting | undefined,
  files: ProcessFiles,
): string | undefined {
  const folder = binDir && kindOf(files, binDir.value);
  if (folder !== "directory")
    return `${binDir?.value ?? BIN_DIR_FLAG} ${folder ? "is not a directory" : "does not exist"}`;
  const file = config && kindOf(files, config.value);
  if (file === "file") return undefined;
  return `${config?.value ?? CONFIG_FLAG} ${file ? "is a directory, and k3s wants a file" : "does not exist"}`;
}

function kindOf(files: ProcessFiles, path: string): ReturnType<ProcessFiles["kindOf"]> {
  try {
    return files.kindOf(path);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/**
 * MicroK8s reads the kubelet's flags from a file: without quotes, `#` begins a comment, and variables of its snap are
 * put in.
 */
function wordsOfMicroK8s({ pid, argv, files }: RunningKubelet): Words {
  const file = flagValue(argv, "kubelet-args-file") ?? "/var/snap/microk8s/current/args/kubelet";
  const env = environmentOf(pid) ?? {};
  const lines = lineText(files, file).split("\n");
  const words = lines.flatMap((line) => {
    const plain = line.replace(/["']/g, "").trim().split(/\s+/);
    const comment = plain.findIndex((word) => word.startsWith("#"));
    return comment < 0 ? plain : plain.slice(0, comment);
  });
  const filledIn = words.map((word) =>
    word.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string, bare: string) => env[braced ?? bare] ?? ""),
  );
  return { words: filledIn.filter((word) => word !== ""), from: file };
}

function lineText(files: ProcessFiles, file: string): string {
  try {
    return Buffer.from(files.read(file)).toString("utf8");
  } catch (error) {
    if (error instanceof Unreadable) return "";
    throw error;
  }
}
