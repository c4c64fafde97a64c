import { resolve } from "node:path";
import arg from "arg";
import type { CommandContext } from "../../cli/command.ts";
import { flags } from "../../cli/flags.ts";
import {
  CONFIG_VARIABLE,
  type ConfigFiles,
  configFiles,
  DEFAULT_CONFIG_FILE,
} from "../../config/configFile.ts";
import { type Validation, validateConfig } from "../../config/loadConfig.ts";
import { problemsOnNode } from "../../config/onNode/problemsOnNode.ts";
import type { Problem } from "../../config/problem.ts";
import { Failure } from "../../failure/failure.ts";
import { Unreadable } from "../../kubelet/credentialProviderConfig/kubeletFiles.ts";
import { plugin } from "../../plugin/plugin.ts";
import type { ObservedNode } from "./observedNode.ts";
import type { OurProvider } from "./ourProviders.ts";

/** The plugin's config file, why it is this one, and what is wrong with it. */
export interface JudgedConfig {
  readonly file: string;
  /** Why this one: `named by args of provider NAME (FILE, line 4)`. */
  readonly from: string;
  /** Of `--config`: the file that the kubelet makes the plugin read, where that is another one. */
  readonly insteadOf?: string;
  /** A file could be read. */
  readonly validation?: Validation;
  /** What it names on this node and is not as it has to be; absent where that cannot be looked at. */
  readonly onNode?: readonly NodeProblem[];
  /** None could. */
  readonly failure?: Failure;
  /** The file holds a secret. */
  readonly holdsSecret: boolean;
  readonly files: ConfigFiles;
}

/** Pulls fail, or they work without the log or the cache. */
export interface NodeProblem extends Problem {
  readonly severity: "error" | "warning";
}

/** What the kubelet's `args` tell the plugin. */
export interface PluginArguments {
  readonly config?: string;
  /** With these arguments every run of the plugin ends with a usage error: why. */
  readonly refused?: string;
}

/** Reads `args` of a provider as the plugin reads them. */
export function pluginArguments(args: readonly string[]): PluginArguments {
  const spec = Object.fromEntries(plugin.flags.map((name) => [name, flags[name].type]));
  try {
    const { _: words, ...values } = arg(spec, { argv: [...args] });
    if (words.length > 0) return { refused: `${words[0]} is not a flag of the plugin` };
    const { "--config": config } = values as Record<string, unknown>;
    return typeof config === "string" ? { config } : {};
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

/**
 * Reads and checks the config: the one that `named` (doctor's own `--config`) says, else the one that the kubelet makes
 * the plugin read. Does not throw for what is in it.
 */
export async function judgeConfig(
  node: ObservedNode,
  named: string | undefined,
  { secrets, now }: Pick<CommandContext, "secrets" | "now">,
): Promise<JudgedConfig> {
  const kubelets = kubeletsChoice(node);
  const chosen = named === undefined ? kubelets : { file: named, flag: named, from: "named by --config" };
  const files = named === undefined ? asSeenBy(node) : configFiles;
  const { flag } = chosen;
  let holdsSecret = false;
  const judged = {
    file: chosen.file,
    from: chosen.from,
    files,
    ...(resolve(chosen.file) === resolve(kubelets.file) || node.provider === undefined
      ? {}
      : { insteadOf: kubelets.file }),
  };
  try {
    const validation = await validateConfig({
      env: node.env,
      files,
      onSecret: (value) => {
        holdsSecret = true;
        secrets.add(value);
      },
      ...(flag === undefined ? {} : { flag }),
    });
    const { config, locate } = validation;
    if (config === undefined || node.files.view === "root") return { ...judged, validation, holdsSecret };
    const found = problemsOnNode(config, { now, onSecret: (value) => secrets.add(value) });
    const onNode = found.map(({ path, ...problem }) => ({ ...problem, ...locate(path) }));
    return { ...judged, validation, onNode, holdsSecret };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...judged, failure: error, holdsSecret };
  }
}

interface Choice {
  readonly file: string;
  readonly flag?: string;
  readonly from: string;
}

function kubeletsChoice({ provider, env, envIsKubelets }: ObservedNode): Choice {
  const { config: flag } = provider === undefined ? {} : pluginArguments(provider.args);
  if (provider !== undefined && flag !== undefined) {
    return { file: flag, flag, from: `named by args of provider ${placeOf(provider)}` };
  }
  const variable = env[CONFIG_VARIABLE];
  if (!variable) return { file: DEFAULT_CONFIG_FILE, from: "the default: nothing names another" };
  const isProviders = provider?.env.some(({ name }) => name === CONFIG_VARIABLE);
  const whose = isProviders
    ? `env of provider ${placeOf(provider as OurProvider)}`
    : `${envIsKubelets ? "the kubelet's" : "this shell's"} environment`;
  return { file: variable, from: `named by $${CONFIG_VARIABLE} in ${whose}` };
}

/** `NAME (FILE, line 4)` */
export function placeOf({ name, file, line }: OurProvider): string {
  return `${name} (${file}, line ${line})`;
}

/** The config files as the kubelet sees them. */
function asSeenBy({ files }: ObservedNode): ConfigFiles {
  return {
    read: (path) => {
      try {
        return configFiles.read(files.here(path));
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        throw new Failure(`read config ${path}: ${error.message}`, { code: "ConfigInvalid", exitStatus: 2 });
      }
    },
  };
}
