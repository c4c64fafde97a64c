import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { stringify } from "yaml";
import type { Cloud } from "../cloud/cloud.ts";
import { type RunOptions, type RunResult, runExecutable } from "./executable.ts";
import { kubeletEnvironment } from "./kubeletEnvironment.ts";
import { kubeletRequest, type RequestOptions } from "./request.ts";

/** A node as far as the plugin can see it: a config file, a cache directory, a log, and the simulated cloud. */
export interface TestNode {
  readonly directory: string;
  readonly configFile: string;
  readonly cacheDirectory: string;
  readonly logFile: string;
  /** Replaces the config; `native` keys go over those that lead to the simulated cloud. */
  configure(native?: Record<string, unknown>): void;
  /** One pull of an image through the plugin, with the variables that a kubelet gives it. */
  pull(image: string, options?: RequestOptions & Omit<RunOptions, "stdin">): Promise<RunResult>;
  /** The executable with this node's config. */
  run(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  log(): Record<string, unknown>[];
  remove(): void;
}

/** A fresh node whose config points to the cloud; nothing it does leaves the machine. */
export function testNode(
  cloud: Pick<Cloud, "endpoints" | "caFile">,
  native: Record<string, unknown> = {},
): TestNode {
  const directory = mkdtempSync(`${tmpdir()}/acr-node-`);
  const configFile = `${directory}/config.yaml`;
  const cacheDirectory = `${directory}/cache`;
  const logFile = `${directory}/plugin.log`;
  const node: TestNode = {
    directory,
    configFile,
    cacheDirectory,
    logFile,
    configure(more = {}) {
      writeFileSync(configFile, stringify({ ...nodeConfig(cloud, cacheDirectory, logFile), ...more }), {
        mode: 0o600,
      });
      chmodSync(configFile, 0o600);
    },
    pull(image, { version, serviceAccountToken, serviceAccountAnnotations, ...options } = {}) {
      const stdin = kubeletRequest(image, {
        ...(version === undefined ? {} : { version }),
        ...(serviceAccountToken === undefined ? {} : { serviceAccountToken }),
        ...(serviceAccountAnnotations === undefined ? {} : { serviceAccountAnnotations }),
      });
      const env = { ...kubeletEnvironment, ...options.env };
      return node.run(options.args ?? [], { ...options, stdin, env });
    },
    run: (args, options = {}) => runExecutable({ ...options, args: ["--config", configFile, ...args] }),
    log: () =>
      readFileSync(logFile, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
  node.configure(native);
  return node;
}

function nodeConfig(
  cloud: Pick<Cloud, "endpoints" | "caFile">,
  cacheDirectory: string,
  logFile: string,
): Record<string, unknown> {
  return {
    apiVersion: "aliyun-acr-credential-provider/v1",
    kind: "ProviderConfig",
    endpoints: { acr: cloud.endpoints.acr, sts: cloud.endpoints.sts, metadata: cloud.endpoints.metadata },
    tls: { caFile: cloud.caFile },
    cache: { directory: cacheDirectory },
    log: { file: logFile },
  };
}
