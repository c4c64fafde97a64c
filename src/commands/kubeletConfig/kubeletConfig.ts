import { isAbsolute } from "node:path";
import { type Command, type CommandContext, noOperands } from "../../cli/command.ts";
import { loadRunConfig } from "../../cli/runConfig.ts";
import { usageFailure } from "../../failure/failure.ts";
import { kubeletRelease } from "../../kubelet/kubeletRelease.ts";
import { newRecord } from "../../log/record.ts";
import { startRun } from "../../run/run.ts";
import { quoted } from "../../text/foreignText.ts";
import { kubeletConfigText } from "./kubeletConfigText.ts";
import { rememberedDomains } from "./rememberedDomains.ts";

/** `kubelet-config`: the kubelet's CredentialProviderConfig that fits this config. Asks no one. */
export const kubeletConfig: Command = {
  name: "kubelet-config",
  ...noOperands,
  flags: ["--config", "--kubernetes", "--name", "--config-on-node"],
  help: "print the kubelet's CredentialProviderConfig that fits this config",
  run: printKubeletConfig,
};

async function printKubeletConfig(context: CommandContext): Promise<number> {
  const { "--kubernetes": wanted, "--name": name, "--config-on-node": configOnNode } = context.flags;
  if (typeof name === "string") checkName(name);
  if (typeof configOnNode === "string") checkPath(configOnNode);
  const release = kubeletRelease(typeof wanted === "string" ? wanted : undefined);
  const config = await loadRunConfig(context);
  const run = startRun(context, config, newRecord(), context.secrets);
  const text = kubeletConfigText(config, release, {
    learnt: await rememberedDomains(run),
    ...(typeof name === "string" ? { name } : {}),
    ...(typeof configOnNode === "string" ? { configOnNode } : {}),
  });
  context.print(text);
  return 0;
}

/** The kubelet starts with no other name: it is that of a file in the bin directory. @throws Failure `Usage` */
function checkName(name: string): void {
  if (/^[\x21-\x7e]+$/.test(name) && !name.includes("/") && name !== "." && name !== "..") return;
  throw usageFailure(
    `--name ${quoted(name)} is not the name of an executable`,
    "name the file in the kubelet's bin directory, without path and spaces",
  );
}

/** @throws Failure `Usage` for a path that depends on where the kubelet happens to be. */
function checkPath(path: string): void {
  if (isAbsolute(path)) return;
  throw usageFailure(`--config-on-node ${quoted(path)} is not an absolute path`, "begin it with a slash");
}
