import { type Command, type CommandContext, noOperands } from "../../cli/command.ts";
import { outputFormat } from "../../cli/flags.ts";
import { type NodeState, nodeStateOf } from "../../install/nodeState.ts";
import { namedProfile, nodeHost, onNode, text } from "./nodeHost.ts";

/** `node status`: what is installed, wired and running, and of which version. Changes nothing. */
export const nodeStatus: Command = {
  name: "node status",
  ...noOperands,
  flags: ["--profile", "--root", "--kubernetes", "--output"],
  help: "say what of the plugin is installed, wired and running on this node",
  run: printStatus,
};

async function printStatus(context: CommandContext): Promise<number> {
  const { flags, secrets, print } = context;
  const format = outputFormat(flags);
  const host = nodeHost(context);
  const wishes = { profile: namedProfile(flags), kubernetes: text(flags, "--kubernetes") };
  const state = await onNode(host, () => nodeStateOf(host.files, wishes));
  const printed = format === "json" ? JSON.stringify(state, null, 2) : lines(state).join("\n");
  print(secrets.redact(`${printed}\n`));
  return 0;
}

function lines(state: NodeState): string[] {
  const { executable, provider, flags, kubelet } = state;
  const version = executable.version === null ? "" : `, version ${executable.version}`;
  const yes = (value: boolean) => (value ? "yes" : "no");
  return [
    `profile: ${state.profile} (${state.profileFrom}), Kubernetes ${state.kubernetes ?? "unknown"}`,
    `executable: ${executable.path}: ${executable.state}${version}`,
    `provider: ${provider.path}: ${provider.state}`,
    ...provider.problems.map((problem) => `  the kubelet would not start: ${problem}`),
    `flags: config ${flags.config ?? "not set"}, bin directory ${flags.binDir ?? "not set"}${flags.areOurs ? " (set by node install)" : ""}`,
    `kubelet: ${kubeletLine(kubelet)}`,
    ...(state.isUnfinished ? ["a run of node install did not end: run it again"] : []),
    `installed: ${yes(state.isInstalled)}, wired: ${yes(state.isWired)}, running: ${yes(state.isRunning)}`,
  ];
}

function kubeletLine({ pid, hasFlags, hasRead, illness }: NodeState["kubelet"]): string {
  if (pid === null) return "none runs";
  const read = hasRead
    ? "has read this"
    : hasFlags
      ? "has not read this yet"
      : "was started with other flags";
  return `process ${pid} ${read}, ${illness === null ? "healthy" : `not healthy: ${illness}`}`;
}
