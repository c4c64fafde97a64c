import type { CommandContext } from "../commands/context.ts";
import type { FlagName } from "../commands/flags.ts";

/** Carries out a command; resolves to the exit status. A Failure that it throws is printed by the process. */
export type RunCommand = (context: CommandContext) => Promise<number>;

export interface Command {
  /** The words that choose it; "" is the plugin itself. */
  readonly name: string;
  readonly operands: string;
  readonly operandCount: { readonly min: number; readonly max: number };
  readonly flags: readonly FlagName[];
  readonly help: string;
  /** Loads its code, and only its code. */
  load(): Promise<RunCommand>;
}

const common = ["--config", "--log-file", "--log-level"] as const;
const none = { operands: "", operandCount: { min: 0, max: 0 } };

/** Every command: what it takes, what it is for, and where its code is. */
export const commands = {
  plugin: {
    name: "",
    ...none,
    flags: common,
    help: "answer one CredentialProviderRequest on stdin, as the kubelet asks",
    load: async () => (await import("../commands/plugin.ts")).plugin,
  },
  explain: {
    name: "explain",
    operands: "IMAGE",
    operandCount: { min: 1, max: 1 },
    flags: [...common, "--fetch", "--output", "--service-account", "--annotation", "--token-file"],
    help: "say step by step how an image would be decided; no network unless --fetch",
    load: async () => (await import("../commands/explain.ts")).explain,
  },
  configValidate: {
    name: "config validate",
    operands: "[FILE]",
    operandCount: { min: 0, max: 1 },
    flags: ["--config"],
    help: "check a config file, each problem with its path and line",
    load: async () => (await import("../commands/configValidate.ts")).configValidate,
  },
  configShow: {
    name: "config show",
    ...none,
    flags: ["--config"],
    help: "print the effective config, defaults filled in, secrets masked",
    load: async () => (await import("../commands/configShow.ts")).configShow,
  },
  cacheList: {
    name: "cache list",
    ...none,
    flags: ["--config", "--output"],
    help: "list what is cached, without secrets",
    load: async () => (await import("../commands/cache.ts")).cacheList,
  },
  cacheClear: {
    name: "cache clear",
    ...none,
    flags: ["--config"],
    help: "forget everything that is cached",
    load: async () => (await import("../commands/cache.ts")).cacheClear,
  },
  version: {
    name: "version",
    ...none,
    flags: [],
    help: "print the version",
    load: async () => (await import("../commands/version.ts")).version,
  },
  help: {
    name: "help",
    operands: "[COMMAND]",
    operandCount: { min: 0, max: 2 },
    flags: [],
    help: "print this, or the help of a command",
    load: async () => (await import("./help.ts")).help,
  },
} as const satisfies Record<string, Command>;
