import type { CommandContext } from "../../cli/command.ts";
import type { ProviderConfig } from "../../config/config.ts";
import { configFiles, DEFAULT_CONFIG_FILE } from "../../config/configFile.ts";
import { loadConfig } from "../../config/loadConfig.ts";
import { problemsOnNode } from "../../config/onNode/problemsOnNode.ts";
import { formatPath, formatProblem, type GradedFinding } from "../../config/problem.ts";
import { Failure } from "../../failure/failure.ts";
import type { NodeFiles } from "../../install/files/nodeFiles.ts";

/** The plugin's config that this node will have. */
export interface WantedConfig {
  readonly config: ProviderConfig;
  /** What `--config` names; undefined: the node keeps the one that it has, or has none. */
  readonly text?: string;
}

/**
 * The config that `--config` names, else the node's own, else the built-in defaults; checked, and as it will be on the
 * node: at the default place. @throws Failure `ConfigInvalid` (exit status 2).
 */
export async function wantedConfig(context: CommandContext, files: NodeFiles): Promise<WantedConfig> {
  const { flags, secrets } = context;
  const { "--config": flag } = flags;
  const options = { env: {}, onSecret: (value: string) => secrets.add(value) };
  if (typeof flag === "string") {
    const config = await loadConfig({ ...options, flag });
    const text = configFiles.read(flag)?.text;
    if (text === undefined) throw new Failure(`read config ${flag}: it is gone`, { code: "ConfigInvalid" });
    await hideOldSecrets(context, files);
    if (files.root === "/") checkOnNode(context, flag, config);
    return { config: { ...config, file: DEFAULT_CONFIG_FILE }, text };
  }
  const config = await loadConfig({ ...options, files: filesOf(files) });
  return { config: { ...config, file: DEFAULT_CONFIG_FILE } };
}

/**
 * What `config validate --node` finds besides: warnings are told, errors only with `--force`. What another root holds
 * cannot be checked from here.
 * @throws Failure `ConfigInvalid` (exit status 2).
 */
function checkOnNode(context: CommandContext, flag: string, config: ProviderConfig): void {
  const { secrets, complain, flags, now } = context;
  const found = problemsOnNode(config, { now, onSecret: (value) => secrets.add(value) });
  const told = ({ path, message }: GradedFinding) => formatProblem({ path: formatPath(path), message });
  const isForced = flags["--force"] === true;
  for (const finding of found.filter(({ severity }) => isForced || severity === "warning")) {
    complain(`warning: ${flag}: ${told(finding)}\n`);
  }
  const errors = found.filter(({ severity }) => severity === "error");
  if (errors.length === 0 || isForced) return;
  throw new Failure(`install config ${flag} on this node: ${errors.map(told).join("; ")}`, {
    code: "ConfigInvalid",
    exitStatus: 2,
    remedy: "fix that first, or go on with --force",
  });
}

/** What a difference shows of the config that is replaced holds no secret either. */
async function hideOldSecrets({ secrets }: CommandContext, files: NodeFiles): Promise<void> {
  const options = { env: {}, onSecret: (value: string) => secrets.add(value), files: filesOf(files) };
  await loadConfig(options).catch(() => undefined);
}

function filesOf(files: NodeFiles): typeof configFiles {
  return { read: (path) => configFiles.read(files.here(path)) };
}
