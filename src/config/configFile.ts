import { Failure } from "../failure/failure.ts";
import { readRegularFile, UnfitFile } from "../files/regularFile.ts";
import type { Problem } from "./problem.ts";

export const DEFAULT_CONFIG_FILE = "/etc/aliyun-acr-credential-provider/config.yaml";
export const CONFIG_VARIABLE = "ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG";

const MAX_BYTES = 1024 * 1024;

export interface ConfigFile {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
  /** Whose it is. */
  readonly uid: number;
}

/** How files are read; a test may have its own. */
export interface ConfigFiles {
  /** The file, or undefined when there is none. @throws Failure when it is there but cannot be read. */
  read(path: string): ConfigFile | undefined;
}

/** What says which file it is, and how it is read. */
export interface FileOptions {
  /** The value of `--config`. */
  readonly flag?: string;
  /** What else `flag` is, where it did not come from `--config`; for messages. */
  readonly flagName?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files?: ConfigFiles;
}

/** Reads a config file: a regular one of at most 1 MiB of UTF-8. */
export const configFiles: ConfigFiles = {
  read(path) {
    try {
      const { bytes, stats } = readRegularFile(path, { maxBytes: MAX_BYTES });
      return { text: decode(path, bytes), mode: stats.mode & 0o777, uid: stats.uid };
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

function decode(path: string, bytes: Buffer): string {
  const text = bytes.toString("utf8");
  // Neither a mistake nor a mark of the order of bytes: what a strict decoder would make of it.
  if (!text.includes("\ufffd") && !text.startsWith("\ufeff")) return text;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(path, "it is not UTF-8", "save it as UTF-8");
  }
}

/** What a config file that cannot be read ends in: `ConfigInvalid`, exit status 2. */
export function unreadable(path: string, cause: string, remedy: string): Failure {
  return new Failure(`read config ${path}: ${cause}`, { code: "ConfigInvalid", exitStatus: 2, remedy });
}

/** The config file of an invocation. */
export interface FoundFile {
  readonly file: string;
  /** Undefined: the default file does not exist. */
  readonly content: ConfigFile | undefined;
}

/**
 * The file that `--config` names, else `$ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG`, else the default one, which need not
 * exist.
 * @throws Failure `ConfigInvalid` (exit status 2): a named file that is missing, or one that cannot be read.
 */
export function findConfigFile(options: FileOptions): FoundFile {
  const { env, flag, flagName = "--config", files = configFiles } = options;
  const named = flag ?? (env[CONFIG_VARIABLE] || undefined);
  if (named === "") throw unreadable('""', "the name is empty", `name a file after ${flagName}`);
  const file = named ?? DEFAULT_CONFIG_FILE;
  const content = files.read(file);
  if (content === undefined && named !== undefined) {
    const whoNamed = flag === undefined ? `$${CONFIG_VARIABLE}` : flagName;
    throw unreadable(file, "it does not exist", `create it, or correct ${whoNamed}`);
  }
  return { file, content };
}

/** Who besides the owner can read the file's secrets, or change which roles and endpoints are used. */
export function exposureOf(
  file: string,
  { mode, uid }: Pick<ConfigFile, "mode" | "uid">,
  holdsSecret: boolean,
): { errors: Problem[]; warnings: Problem[] } {
  if (uid !== 0 && uid !== process.getuid?.()) {
    const message = `belongs to user ${uid}, who may change it at any time: run "chown root ${file}"`;
    const found = [{ path: "", message: holdsSecret ? `holds a secret and ${message}` : message }];
    return holdsSecret ? { errors: found, warnings: [] } : { errors: [], warnings: found };
  }
  const octal = mode.toString(8).padStart(4, "0");
  if (holdsSecret && (mode & 0o077) !== 0) {
    const message = `holds a secret and is open to group or others (mode ${octal}): run "chmod 600 ${file}"`;
    return { errors: [{ path: "", message }], warnings: [] };
  }
  if ((mode & 0o022) !== 0) {
    const message = `may be changed by group or others (mode ${octal}): run "chmod go-w ${file}"`;
    return { errors: [], warnings: [{ path: "", message }] };
  }
  return { errors: [], warnings: [] };
}
