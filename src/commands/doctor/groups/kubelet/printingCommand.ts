import { DEFAULT_CONFIG_FILE } from "../../../../config/configFile.ts";
import type { JudgedConfig } from "../../judgedConfig.ts";
import type { ObservedNode } from "../../observedNode.ts";

/** The command that prints the kubelet's config for this kubelet and this config of the plugin. */
export function printingCommand({ release }: ObservedNode, { file }: JudgedConfig): string {
  const command = `aliyun-acr-credential-provider kubelet-config --kubernetes ${release.name}`;
  return file === DEFAULT_CONFIG_FILE ? command : `${command} --config ${file}`;
}
