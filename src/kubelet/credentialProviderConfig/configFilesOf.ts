import { join } from "node:path";
import type { KubeletRelease } from "../kubeletRelease.ts";
import { type KubeletFiles, Unreadable } from "./kubeletFiles.ts";

const DIRECTORIES_SINCE = 34;

/** A directory with more than this is not one of configs. */
const MAX_FILES = 1000;

/**
 * The files that the kubelet reads for `--image-credential-provider-config`, in its order: the file itself, or, since
 * 1.34, those of a directory that end in .json, .yaml or .yml, hidden ones too, in the order of their bytes.
 * @throws Unreadable with the reason for which the kubelet does not start.
 */
export function configFilesOf(path: string, release: KubeletRelease, files: KubeletFiles): readonly string[] {
  const kind = files.kindOf(path);
  if (kind === undefined) throw new Unreadable("it does not exist");
  if (kind === "file") return [path];
  if (release.minor < DIRECTORIES_SINCE) {
    throw new Unreadable(
      `it is a directory, and Kubernetes ${release.name} reads a single file: name the file`,
    );
  }
  const names = files.list(path).filter((name) => /\.(json|ya?ml)$/.test(name));
  if (names.length === 0) {
    throw new Unreadable("it is a directory without a file that ends in .json, .yaml or .yml");
  }
  if (names.length > MAX_FILES)
    throw new Unreadable(`it is a directory of more than ${MAX_FILES} config files`);
  const sorted = names.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  return sorted.map((name) => join(path, name));
}
