import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Cloud } from "../../cloud/cloud.ts";
import { run, state } from "../../kubelet/node/inside.ts";
import { pluginConfig } from "../../kubelet/node/pluginConfig.ts";
import { executable } from "../../kubelet/setup/paths.ts";
import {
  changedKubeletConfig,
  type Different,
  printedKubeletConfig,
  providerName,
} from "../../kubelet/support/kubeletConfig.ts";
import { release } from "../setup/programs.ts";

/** Where the plugin looks for its config; /etc of the namespaces is not the machine's. */
const configFolder = "/etc/aliyun-acr-credential-provider";
const configFile = `${configFolder}/config.yaml`;
export const binDir = `${state}/bin`;

/** How the plugin is set up on the node. */
export interface PluginSetup {
  /** The plugin's config: what stands after `kind`, or a whole file of the documents. */
  readonly config: object | string;
  /**
   * The kubelet's: what is different from the one that `kubelet-config` prints, or a whole file of the documents.
   * Default: as printed.
   */
  readonly kubelet?: Different | string;
}

/** Installs the executable and both configs; the path of the kubelet's. */
export function installPlugin(cloud: Cloud, { config, kubelet = {} }: PluginSetup): string {
  replaceExecutable();
  mkdirSync(configFolder, { recursive: true, mode: 0o700 });
  const content =
    typeof config === "string" ? `${config}\ntls:\n  caFile: ${cloud.caFile}\n` : pluginConfig(cloud, config);
  writeFileSync(configFile, content, { mode: 0o600 });
  const kubeletConfig = `${state}/credential-provider.yaml`;
  const printed = () => printedKubeletConfig(configFile, release);
  writeFileSync(
    kubeletConfig,
    typeof kubelet === "string" ? kubelet : changedKubeletConfig(printed(), kubelet),
  );
  return kubeletConfig;
}

/** Takes the plugin's config away, so that the node is one that never had it. */
export const removePluginConfig = (): void => rmSync(configFolder, { recursive: true, force: true });

/** Puts the executable there as an upgrade does: under another name, then by rename. */
export function replaceExecutable(): void {
  mkdirSync(binDir, { recursive: true });
  copyFileSync(executable, `${binDir}/.new`);
  renameSync(`${binDir}/.new`, `${binDir}/${providerName}`);
}

/** Forgets the plugin's tokens and sessions; the kubelet has its own. */
export const clearPluginCache = (): void => void run(executable, "cache", "clear");

/** As a reboot does with /run. */
export const loseRunFolder = (): void =>
  rmSync("/run/aliyun-acr-credential-provider", { recursive: true, force: true });
