import { Failure } from "../failure/failure.ts";
import { readRegularFile, UnfitFile } from "../files/regularFile.ts";

export const DEFAULT_CONFIG_FILE = "/etc/aliyun-acr-credential-provider/config.yaml";
export const CONFIG_VARIABLE = "ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG";

const MAX_BYTES = 1024 * 1024;

export interface ConfigFile {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
}

/** How files are read; a test may have its own. */
export interface ConfigFiles {
  /** The file, or undefined when there is none. @throws Failure when it is there but cannot be read. */
  read(path: string): ConfigFile | undefined;
}

/** Reads a config file: a regular one of at most 1 MiB of UTF-8. */
export const configFiles: ConfigFiles = {
  read(path) {
    try {
      const { bytes, stats } = readRegularFile(path, { maxBytes: MAX_BYTES });
      return { text: decode(path, bytes), mode: stats.mode & 0o777 };
    } catch (error) {
      if (error instanceof Failure) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      if (error instanceof UnfitFile) throw unreadable(path, message, "name a config file");
      const why = code === "EACCES" ? "permission denied" : message;
      throw unreadable(path, why, "let the kubelet's user (root) read it");
    }
  },
};

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(path, "it is not UTF-8", "save it as UTF-8");
  }
}

export function unreadable(path: string, cause: string, remedy: string): Failure {
  return new Failure(`read config ${path}: ${cause}`, { code: "ConfigInvalid", exitStatus: 2, remedy });
}
