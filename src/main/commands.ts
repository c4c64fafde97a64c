import type { Command } from "../commands/command.ts";
import { plugin as answerKubelet } from "../commands/plugin.ts";

const common = ["--config", "--log-file", "--log-level"] as const;
const none = { operands: "", operandCount: { min: 0, max: 0 } };

/** The plugin itself: what runs without a command. Its code comes with the process, the others' when they are called. */
export const plugin: Command = {
  name: "",
  ...none,
  flags: common,
  help: "answer one CredentialProviderRequest on stdin, as the kubelet asks",
  load: async () => answerKubelet,
};

/** What `--version` runs. */
export const version: Command = {
  name: "version",
  ...none,
  flags: [],
  help: "print the version",
  load: async () => (await import("../commands/version.ts")).version,
};

/** What `--help` runs. */
export const help: Command = {
  name: "help",
  operands: "[COMMAND]",
  operandCount: { min: 0, max: 2 },
  flags: [],
  help: "print this, or the help of a command",
  load: async () => (await import("./help.ts")).helpFor(commands),
};

/** Every command: what it takes, what it is for, and where its code is. */
export const commands: readonly Command[] = [
  plugin,
  {
    name: "explain",
    operands: "IMAGE",
    operandCount: { min: 1, max: 1 },
    flags: [...common, "--fetch", "--output", "--service-account", "--annotation", "--token-file"],
    help: "say step by step how an image would be decided; no network unless --fetch",
    load: async () => (await import("../commands/explain/explain.ts")).explain,
  },
  {
    name: "config validate",
    operands: "[FILE]",
    operandCount: { min: 0, max: 1 },
    flags: ["--config"],
    help: "check a config file, each problem with its path and line",
    load: async () => (await import("../commands/config/configValidate.ts")).configValidate,
  },
  {
    name: "config show",
    ...none,
    flags: ["--config"],
    help: "print the effective config, defaults filled in, secrets masked",
    load: async () => (await import("../commands/config/configShow.ts")).configShow,
  },
  {
    name: "config import",
    operands: "FILE",
    operandCount: { min: 1, max: 1 },
    flags: ["--write-keys"],
    help: "print an acr-configuration ConfigMap (- is stdin) as native config",
    load: async () => (await import("../commands/config/configImport.ts")).configImport,
  },
  {
    name: "kubelet-config",
    ...none,
    flags: ["--config", "--kubernetes"],
    help: "print the kubelet's CredentialProviderConfig that fits this config",
    load: async () => (await import("../commands/kubeletConfig/kubeletConfig.ts")).kubeletConfig,
  },
  {
    name: "cache list",
    ...none,
    flags: ["--config", "--output"],
    help: "list what is cached, without secrets",
    load: async () => (await import("../commands/cache.ts")).cacheList,
  },
  {
    name: "cache clear",
    ...none,
    flags: ["--config"],
    help: "forget everything that is cached",
    load: async () => (await import("../commands/cache.ts")).cacheClear,
  },
  version,
  help,
];
