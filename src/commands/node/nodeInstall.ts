import { type Command, type CommandContext, noOperands } from "../../cli/command.ts";
import { Failure } from "../../failure/failure.ts";
import { differences } from "../../install/differences.ts";
import { requireOwnExecutable } from "../../install/files/executableFile.ts";
import { takeInstallLock } from "../../install/host/installLock.ts";
import {
  carryOut,
  type InstallHost,
  type InstallOptions,
  type PlannedInstall,
  prepareInstall,
} from "../../install/install.ts";
import { nodeStateOf } from "../../install/nodeState.ts";
import { newRecord } from "../../log/record.ts";
import { startRun } from "../../run/run.ts";
import { kubeletConfigText } from "../kubeletConfig/kubeletConfigText.ts";
import { rememberedDomains } from "../kubeletConfig/rememberedDomains.ts";
import { namedProfile, nodeHost, onNode, requireRoot, text } from "./nodeHost.ts";
import { type WantedConfig, wantedConfig } from "./wantedConfig.ts";
import { wantedProvider } from "./wantedProvider.ts";

/** `node install`: puts the plugin on this node, and leads the kubelet to it. Running it twice changes nothing. */
export const nodeInstall: Command = {
  name: "node install",
  ...noOperands,
  flags: [
    "--profile",
    "--root",
    "--bin-dir",
    "--config",
    "--kubelet-config",
    "--kubernetes",
    "--provider",
    "--from-image",
    "--require-running",
    "--no-restart",
    "--dry-run",
    "--force",
  ],
  help: "put the plugin on this node and lead the kubelet to it",
  run: installOnNode,
};

async function installOnNode(context: CommandContext): Promise<number> {
  requireOwnExecutable(process.execPath);
  requireRoot();
  const host = nodeHost(context);
  return onNode(host, async () => {
    const isDryRun = context.flags["--dry-run"] === true;
    const unlock = isDryRun ? undefined : await takeInstallLock(host.files);
    try {
      const wanted = await wantedConfig(context, host.files);
      const planned = await prepareInstall(host, optionsOf(context, host, wanted));
      const kubelet = isDryRun ? whatWouldBe(planned) : await carryOut(host, planned);
      context.print(context.secrets.redact(report(planned, kubelet, isDryRun)));
      if (!isDryRun && context.flags["--require-running"] === true)
        await requireRunning(context, host, kubelet);
    } finally {
      unlock?.();
    }
    return 0;
  });
}

function optionsOf(context: CommandContext, { files }: InstallHost, wanted: WantedConfig): InstallOptions {
  const { flags } = context;
  const { config } = wanted;
  const provider = text(flags, "--provider");
  return {
    profile: namedProfile(flags),
    kubeletConfig: text(flags, "--kubelet-config"),
    binDir: text(flags, "--bin-dir"),
    kubernetes: text(flags, "--kubernetes"),
    config: wanted.text,
    fromImage: text(flags, "--from-image"),
    isForced: flags["--force"] === true,
    mayRestart: flags["--no-restart"] !== true,
    async printed(release) {
      if (provider !== undefined) return wantedProvider(provider);
      const run = startRun(context, config, newRecord(), context.secrets);
      // The cache of another root is not this machine's.
      const learnt = files.root === "/" ? { learnt: await rememberedDomains(run) } : {};
      return kubeletConfigText(config, release, learnt);
    },
  };
}

/** For whoever has to know by the exit status: files that no kubelet has read are not success. */
async function requireRunning({ flags }: CommandContext, host: InstallHost, kubelet: string): Promise<void> {
  const wishes = { profile: namedProfile(flags), kubernetes: text(flags, "--kubernetes") };
  if ((await nodeStateOf(host.files, wishes)).isRunning) return;
  throw new Failure(`lead the kubelet to the plugin: the files are there, but the kubelet was ${kubelet}`, {
    code: "NotRunning",
    remedy: "see by node status what is missing, and run this again",
  });
}

function whatWouldBe({ turn }: PlannedInstall): string {
  return turn.restart ? `would be restarted (${turn.unit})` : turn.why;
}

function report({ plan, before }: PlannedInstall, kubelet: string, isDryRun: boolean): string {
  const { profile, release, executable, changes, wiring } = plan;
  const would = isDryRun ? "would be " : "";
  const changed = (what: string) => changes.find((change) => change.what === what);
  const line = (what: string, path: string) => {
    const change = changed(what);
    if (change === undefined) return [];
    return [`${what}: ${path}: ${would}${change.before === undefined ? "made" : "changed"}`];
  };
  const version = release.isGuess
    ? `taken for ${release.version} (--kubernetes says otherwise)`
    : release.version;
  return [
    `profile: ${profile.name} (${profile.from}), Kubernetes ${version}`,
    `executable: ${executable.path}: ${executable.isNew ? `${would}installed` : "unchanged"}`,
    ...line("config", changed("config")?.path ?? ""),
    ...(changed("provider")
      ? line("provider", plan.record.provider.path)
      : [`provider: ${plan.record.provider.path}: unchanged`]),
    ...line("flags", changed("flags")?.path ?? ""),
    ...(profile.name === "files" ? flagLines(wiring) : []),
    `kubelet: ${kubelet}`,
    ...(before?.unproven === undefined || isDryRun ? [] : ["an earlier run that did not end was finished"]),
    isDryRun ? differences(changes) : "",
  ].join("\n");
}

function flagLines({ config, binDir }: PlannedInstall["plan"]["wiring"]): string[] {
  return [
    `flags: --image-credential-provider-bin-dir=${binDir} --image-credential-provider-config=${config}`,
  ];
}
