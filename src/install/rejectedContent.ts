import type { NodeFiles } from "./files/nodeFiles.ts";
import { makeDirectories, putFile, removeFile, rootFile, savedFile } from "./files/savedFile.ts";
import { hashOf, RECORD_FOLDER } from "./installRecord.ts";
import type { Content } from "./kubelet/kubeletOfNode.ts";

/** Content that a kubelet did not start with. */
export interface Rejected {
  readonly sha256: string;
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string;
}

export const REJECTED_FILE = `${RECORD_FOLDER}/rejected.json`;

/** So many are remembered: each is a config that someone tried on this node. */
const MAX_REJECTED = 10;

/** What a rejection holds for: another kubelet may take the same content. */
export function rejectionKey({ flags, hash }: Content, version: string): string {
  return hashOf([hash, flags.config, flags.binDir, version]);
}

/** The content's rejection by this kubelet, if it was rejected before. */
export function rejectionOf(files: NodeFiles, key: string): Rejected | undefined {
  return readRejected(files).find(({ sha256 }) => sha256 === key);
}

/** Remembers it, so that whoever runs this again and again does not restart the kubelet as often. */
export function rememberRejected(files: NodeFiles, one: Rejected): void {
  const others = readRejected(files).filter(({ sha256 }) => sha256 !== one.sha256);
  const text = `${JSON.stringify([one, ...others].slice(0, MAX_REJECTED), null, 2)}\n`;
  makeDirectories(files.here(RECORD_FOLDER));
  putFile(files.here(REJECTED_FILE), rootFile(text, 0o600));
}

export function forgetRejected(files: NodeFiles): void {
  removeFile(files.here(REJECTED_FILE));
}

function readRejected(files: NodeFiles): readonly Rejected[] {
  const bytes = savedFile(files.here(REJECTED_FILE))?.bytes;
  try {
    const list: unknown = JSON.parse(Buffer.from(bytes ?? "[]").toString("utf8"));
    return Array.isArray(list) ? (list as Rejected[]) : [];
  } catch {
    return [];
  }
}
