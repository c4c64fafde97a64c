import { Unreadable } from "../credentialProviderConfig/kubeletFiles.ts";
import { flagValues, type Words } from "./commandFlags.ts";
import type { KubeletCommand } from "./kubeletCommand.ts";
import type { ProcessFiles } from "./processFiles.ts";

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
  /** k3s and RKE2 pass neither on where one of them leads nowhere: which, and why. */
  readonly notPassed?: string;
}

/** Where k3s and RKE2 look by default. */
export const RANCHER_CONFIG = "/var/lib/rancher/credentialprovider/config.yaml";
export const RANCHER_BIN_DIR = "/var/lib/rancher/credentialprovider/bin";

/** With which of the two flags a running kubelet was started. */
export function credentialFlagsOf(command: KubeletCommand, files: ProcessFiles): CredentialFlags {
  const { words, k3s, isRke2s } = command;
  const passed = { ...settingOf("config", words, CONFIG_FLAG), ...settingOf("binDir", words, BIN_DIR_FLAG) };
  if (k3s !== undefined) return { ...flagsOfK3s(k3s, files), ...passed };
  if (!isRke2s || passed.config !== undefined || passed.binDir !== undefined) return passed;
  const { notPassed = `${RANCHER_CONFIG} was not there when RKE2 started` } = flagsOfK3s([], files);
  return { notPassed };
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
 * k3s and RKE2 hand their own two flags on only where they lead to a directory and to something that is not one; `kubelet-arg`
 * goes over them: ImageCredProvAvailable in k3s-io/k3s, pkg/daemons/agent.
 */
function flagsOfK3s(words: readonly Words[], files: ProcessFiles): CredentialFlags {
  const defaults = [`--${CONFIG_FLAG}=${RANCHER_CONFIG}`, `--${BIN_DIR_FLAG}=${RANCHER_BIN_DIR}`];
  const sources = [{ words: defaults, from: "the default of k3s" }, ...words];
  const { config } = settingOf("config", sources, CONFIG_FLAG);
  const { binDir } = settingOf("binDir", sources, BIN_DIR_FLAG);
  const notPassed = whyNotPassed(config, binDir, files);
  if (notPassed !== undefined) return { notPassed };
  return { ...(config && { config }), ...(binDir && { binDir }) };
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
  return `${config?.value ?? CONFIG_FLAG} ${file ? "is a directory, and a file is wanted" : "does not exist"}`;
}

function kindOf(files: ProcessFiles, path: string): ReturnType<ProcessFiles["kindOf"]> {
  try {
    return files.kindOf(path);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
