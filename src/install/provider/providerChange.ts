import { join } from "node:path";
import { Failure } from "../../failure/failure.ts";
import { textOf } from "../../kubelet/credentialProviderConfig/kubeletFiles.ts";
import { type FileChange, textChange } from "../files/changes.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import { asFile, entryIn, withProvider } from "./changeConfigText.ts";
import { PROVIDER_NAME } from "./providerEntry.ts";

/** The file with our provider in it. */
export interface ProviderChange {
  readonly path: string;
  readonly text: string;
  readonly change: FileChange | undefined;
}

/**
 * Our provider in the file, or in a file of the directory: the one that has it already, else one of its own.
 * @throws Failure `KubeletConfigInvalid` where the file cannot be changed safely.
 */
export function providerChange(
  files: NodeFiles,
  config: string,
  printed: string,
  isForced: boolean,
): ProviderChange {
  const isDirectory = config.endsWith("/") || files.kindOf(config) === "directory";
  const path = isDirectory ? (ownFileIn(files, config) ?? join(config, `${PROVIDER_NAME}.yaml`)) : config;
  const before = textOf(files, path);
  try {
    const text = before === undefined ? asFile(printed, path) : withProvider(before, printed, isForced);
    return { path, text, change: textChange(files, "provider", path, text) };
  } catch (cause) {
    throw new Failure(`put the provider into ${path}: ${(cause as Error).message}`, {
      code: "KubeletConfigInvalid",
      remedy: 'put what "kubelet-config" prints into it by hand, or fix the file',
      cause,
    });
  }
}

/** The first file of a directory that has our provider; undefined where none has. */
export function ownFileIn(files: NodeFiles, directory: string): string | undefined {
  const names = files.kindOf(directory) === "directory" ? files.list(directory) : [];
  const paths = names.filter((name) => /\.(json|ya?ml)$/.test(name)).map((name) => join(directory, name));
  return paths.find((path) => {
    try {
      return entryIn(textOf(files, path) ?? "") !== undefined;
    } catch {
      return false;
    }
  });
}
