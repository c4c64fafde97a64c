import { accessSync, constants, existsSync, statSync } from "node:fs";
import { readCredentialProviderConfig } from "../../../src/kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import { kubeletFiles } from "../../../src/kubelet/credentialProviderConfig/kubeletFiles.ts";
import { kubeletRelease } from "../../../src/kubelet/kubeletRelease.ts";
import type { NodeTree } from "./nodeTree.ts";

/** Which flags a kubelet of the tree gets at its start. Reads the files in a way of its own. */
export type FlagsOf = (tree: NodeTree) => { readonly config?: string; readonly binDir?: string };

/** Of an environment file in the simple form that these tests write. */
export const flagsIn =
  (file: string): FlagsOf =>
  (tree) => {
    const text = tree.has(file) ? tree.read(file) : "";
    const flag = (name: string) =>
      new RegExp(`--image-credential-provider-${name}=([^\\s"]+)`).exec(text)?.[1];
    const [config, binDir] = [flag("config"), flag("bin-dir")];
    return { ...(config === undefined ? {} : { config }), ...(binDir === undefined ? {} : { binDir }) };
  };

/** k3s sets both where the folder and the file are there. */
export const flagsOfK3s: FlagsOf = (tree) => {
  const [config, binDir] = ["config.yaml", "bin"].map(
    (name) => `/var/lib/rancher/credentialprovider/${name}`,
  );
  return tree.has(config ?? "") && tree.has(binDir ?? "")
    ? ({ config, binDir } as { config: string; binDir: string })
    : {};
};

/**
 * Why a kubelet would not start with the tree as it is, or nothing: one flag without the other, a config that it does not
 * take, a provider whose executable is missing, cannot be run, or is not whole (`sizes`, by name).
 */
export async function whyNotStart(
  tree: NodeTree,
  flagsOf: FlagsOf,
  sizes: Readonly<Record<string, readonly number[]>>,
): Promise<string | undefined> {
  const { config, binDir } = flagsOf(tree);
  if (config === undefined && binDir === undefined) return undefined;
  if (config === undefined || binDir === undefined) return "one flag of two";
  const path = `${tree.root}${config}`;
  const verdict = await readCredentialProviderConfig(path, {
    release: kubeletRelease("1.34"),
    files: kubeletFiles,
  });
  if (!verdict.accepted) return verdict.problems.map(({ file, message }) => `${file}: ${message}`).join("; ");
  for (const { name } of verdict.providers) {
    const executable = `${tree.root}${binDir}/${name}`;
    if (!existsSync(executable)) return `${name} is missing`;
    accessSync(executable, constants.X_OK);
    const { size } = statSync(executable);
    if (sizes[name]?.includes(size) === false) return `${name} is not whole: ${size} bytes`;
  }
  return undefined;
}
