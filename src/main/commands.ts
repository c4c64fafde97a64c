import type { Command } from "../cli/command.ts";

/** Every command besides the plugin itself and `help`, by the words that choose it; its code is loaded when it is called. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  explain: async () => (await import("../commands/explain/explain.ts")).explain,
  doctor: async () => (await import("../commands/doctor/doctor.ts")).doctor,
  "config validate": async () => (await import("../commands/config/configValidate.ts")).configValidate,
  "config show": async () => (await import("../commands/config/configShow.ts")).configShow,
  "config import": async () => (await import("../commands/config/configImport.ts")).configImport,
  "kubelet-config": async () => (await import("../commands/kubeletConfig/kubeletConfig.ts")).kubeletConfig,
  prefetch: async () => (await import("../commands/prefetch/prefetch.ts")).prefetch,
  "cache list": async () => (await import("../commands/cache.ts")).cacheList,
  "cache clear": async () => (await import("../commands/cache.ts")).cacheClear,
  "docker-credential": async () =>
    (await import("../commands/dockerCredential/dockerCredential.ts")).dockerCredential,
  licenses: async () => (await import("../commands/licenses/licenses.ts")).licenses,
  "node install": async () => (await import("../commands/node/nodeInstall.ts")).nodeInstall,
  "node uninstall": async () => (await import("../commands/node/nodeUninstall.ts")).nodeUninstall,
  "node status": async () => (await import("../commands/node/nodeStatus.ts")).nodeStatus,
  version: async () => (await import("../commands/version.ts")).version,
};
