import { createHash } from "node:crypto";
import type { NodeFiles } from "./files/nodeFiles.ts";
import {
  makeDirectories,
  putFile,
  removeFile,
  rootFile,
  type SavedFile,
  savedFile,
} from "./files/savedFile.ts";
import type { FlagsChange, ProfileName, Wiring } from "./profiles/profile.ts";

/** What `node install` did to a node, so that `node uninstall` can take back that and nothing else. */
export interface InstallRecord {
  readonly version: 1;
  readonly profile: ProfileName;
  readonly wiring: Wiring;
  /** The file that holds our provider, and the SHA-256 of its entry. */
  readonly provider: { readonly path: string; readonly sha256: string };
  /** `wasThere`: this very executable was there before, put there by a package or by hand. */
  readonly executable: { readonly path: string; readonly sha256: string; readonly wasThere?: boolean };
  readonly config?: { readonly path: string; readonly sha256: string };
  /** The flags that were put in. */
  readonly flags?: Omit<FlagsChange, "text">;
  /** Folders that were made, the highest first. */
  readonly folders: readonly string[];
  /** The kubelet that is known to have read what is there now. */
  readonly reader?: { readonly pid: number; readonly startTime: string; readonly hash: string };
  /**
   * The kubelet may have been restarted with changes that no one has seen it accept: what was there before them, in the
   * order in which they were made, and whether the executable was put there with them.
   */
  readonly unproven?: {
    readonly files: readonly Before[];
    readonly isNewExecutable: boolean;
    readonly record?: InstallRecord;
  };
}

export interface Before {
  readonly path: string;
  /** Undefined: there was none. */
  readonly file?: {
    readonly base64: string;
    readonly mode: number;
    readonly uid: number;
    readonly gid: number;
  };
}

export const RECORD_FOLDER = "/var/lib/aliyun-acr-credential-provider";
export const RECORD_FILE = `${RECORD_FOLDER}/node.json`;

/** The node's record; undefined where there is none, or it is not one of ours. */
export function readRecord(files: NodeFiles): InstallRecord | undefined {
  const bytes = savedFile(files.here(RECORD_FILE))?.bytes;
  if (bytes === undefined) return undefined;
  try {
    const record = JSON.parse(Buffer.from(bytes).toString("utf8")) as InstallRecord;
    return record.version === 1 && Array.isArray(record.folders) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the record, unless it says the same already. Only root may read it. */
export function writeRecord(files: NodeFiles, record: InstallRecord): void {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  const path = files.here(RECORD_FILE);
  const before = savedFile(path)?.bytes;
  if (before !== undefined && Buffer.from(before).toString("utf8") === text) return;
  makeDirectories(files.here(RECORD_FOLDER));
  putFile(path, rootFile(text, 0o600));
}

export function removeRecord(files: NodeFiles): void {
  removeFile(files.here(RECORD_FILE));
}

/** SHA-256 in hex of a text, or of anything else as JSON. */
export function hashOf(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return createHash("sha256").update(text).digest("hex");
}

export function toBefore(path: string, file: SavedFile | undefined): Before {
  if (file === undefined) return { path };
  const { bytes, ...rest } = file;
  return { path, file: { base64: Buffer.from(bytes).toString("base64"), ...rest } };
}

export function fromBefore({ file }: Before): SavedFile | undefined {
  if (file === undefined) return undefined;
  const { base64, ...rest } = file;
  return { bytes: Buffer.from(base64, "base64"), ...rest };
}
