import { type Command, type CommandContext, noOperands } from "../../cli/command.ts";
import { loadRunConfig } from "../../cli/runConfig.ts";
import { kubeletRelease } from "../../kubelet/kubeletRelease.ts";
import { newRecord } from "../../log/record.ts";
import { startRun } from "../../run/run.ts";
import { kubeletConfigText } from "./kubeletConfigText.ts";
import { rememberedDomains } from "./rememberedDomains.ts";

/** `kubelet-config`: the kubelet's CredentialProviderConfig that fits this config. Asks no one. */
export const kubeletConfig: Command = {
  name: "kubelet-config",
  ...noOperands,
  flags: ["--config", "--kubernetes"],
  help: "print the kubelet's CredentialProviderConfig that fits this config",
  run: printKubeletConfig,
};

async function printKubeletConfig(context: CommandContext): Promise<number> {
  const { "--kubernetes": wanted } = context.flags;
  const release = kubeletRelease(typeof wanted === "string" ? wanted : undefined);
  const config = await loadRunConfig(context);
  const run = startRun(context, config, newRecord(), context.secrets);
  context.print(kubeletConfigText(config, release, await rememberedDomains(run)));
  return 0;
}
