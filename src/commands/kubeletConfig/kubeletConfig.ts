import { newRecord } from "../../log/record.ts";
import { startRun } from "../../run/startRun.ts";
import type { CommandContext } from "../context.ts";
import { loadRunConfig } from "../runConfig.ts";
import { kubeletConfigText } from "./kubeletConfigText.ts";
import { kubeletRelease } from "./kubeletRelease.ts";
import { rememberedDomains } from "./rememberedDomains.ts";

/** `kubelet-config`: the kubelet's CredentialProviderConfig that fits this config. Asks nobody. */
export async function kubeletConfig(context: CommandContext): Promise<number> {
  const { "--kubernetes": wanted } = context.flags;
  const release = kubeletRelease(typeof wanted === "string" ? wanted : undefined);
  const config = await loadRunConfig(context);
  const run = startRun(context, config, newRecord(), context.secrets);
  context.print(kubeletConfigText(config, release, await rememberedDomains(run)));
  return 0;
}
