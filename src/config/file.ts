import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { Failure } from "../failure/failure.ts";

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
    let descriptor: number;
    try {
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw unreadable(
        path,
        code === "EACCES" ? "permission denied" : message,
        "let the kubelet's user (root) read it",
      );
    }
    try {
      const { mode, size } = checkedStat(path, descriptor);
      return { text: decode(path, readAll(descriptor, size)), mode: mode & 0o777 };
    } finally {
      closeSync(descriptor);
    }
  },
};

function checkedStat(path: string, descriptor: number) {
  const stat = fstatSync(descriptor);
  if (stat.isDirectory()) throw unreadable(path, "it is a directory", "name the file in it");
  if (!stat.isFile()) throw unreadable(path, "it is no regular file", "name a regular file");
  if (stat.size > MAX_BYTES) throw unreadable(path, "it is larger than 1 MiB", "name a config file");
  return stat;
}

function readAll(descriptor: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = readSync(descriptor, bytes, length, size - length, length);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

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
