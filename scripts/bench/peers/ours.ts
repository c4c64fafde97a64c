import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { entryPath } from "../../../src/cache/fileCache.ts";
import { instanceCorp, instanceShared, keyA, roleAcrForAccountA } from "../../../test/cloud/defaultWorld.ts";
import { kubeletEnvironment } from "../../../test/support/kubeletEnvironment.ts";
import { type TestNode, testNode } from "../../../test/support/node.ts";
import { kubeletRequest } from "../../../test/support/request.ts";
import { root } from "../../project.ts";
import type { CloudProcess } from "../cloudProcess.ts";
import type { Measured } from "../time.ts";
import type { Task } from "./data.ts";
import { withoutPages } from "./pages.ts";
import { HOST } from "./peers.ts";

/** A config of thousands of registries with an AccessKey in it is parsed at each run. */
const role = { source: "ecsRamRole" };
const accessKey = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const corp = { instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" };
const shared = { instanceId: instanceShared, instanceName: "shared", regionId: "cn-hangzhou" };

/** What our executable is measured at, and the nodes that it finds. */
export interface Ours {
  readonly tasks: Readonly<Partial<Record<Task, Measured>>>;
  /** One pull with the cache as it is, and one with nothing kept. */
  readonly pull: Measured;
  forget(): void;
  remove(): void;
}

/** Prepares a node for each task. `executable`: the copy that is timed. */
export function oursOf(cloud: CloudProcess, executable: string, proxy: string): Ours {
  const nodes: TestNode[] = [];
  const node = (native: Record<string, unknown>): TestNode => {
    const made = testNode(cloud, { identity: accessKey, log: {}, ...native });
    nodes.push(made);
    return made;
  };
  const pull = ({ configFile }: TestNode, image = `${HOST}/apps/web`): Measured => ({
    argv: [executable, "--config", configFile],
    stdin: kubeletRequest(image),
    env: kubeletEnvironment,
  });
  const due = (of: TestNode): Measured => ({ ...pull(of), before: () => forgetTokens(of) });
  const unkept = (of: TestNode): Measured => ({ ...pull(of), before: () => forgetAll(of) });

  const usual = node({ registries: [corp] });
  const asking = node({ registries: [corp] });
  const first = node({ registries: [corp] });
  const http = node({ registries: [corp], endpoints: { acr: cloud.endpoints.acrHttp } });
  const real = node({ registries: [corp], endpoints: {} });
  const chain = node({
    registries: [shared],
    identity: { ...accessKey, assumeRoles: [{ roleArn: roleAcrForAccountA }] },
  });
  const many = node({ registries: registries(5000) });
  const parsing = node({ registries: [corp] });
  const hits = {
    hit: usual,
    hitUnkept: parsing,
    hit100: node({ registries: registries(100), identity: role }),
    hit5000: node({ registries: registries(5000), identity: role }),
    hitFull: node({ registries: [corp] }),
  };
  for (const each of Object.values(hits)) fill(pull(each));
  for (let entry = 0; entry < 10_000; entry++) {
    writeFileSync(entryPath(hits.hitFull.cacheDirectory, "token", `entry ${entry}`), "", { mode: 0o600 });
  }
  return {
    tasks: {
      version: { argv: [executable, "--version"], env: kubeletEnvironment },
      refuse: pull(usual, "docker.io/library/nginx"),
      ...Object.fromEntries(Object.entries(hits).map(([task, of]) => [task, pull(of)])),
      hitJson: inJson(pull(usual), usual),
      hitUnkept: { ...pull(parsing), before: () => forgetConfig(parsing) },
      httpCall: due(http),
      call: due(asking),
      firstCall: unkept(first),
      proxyCall: { ...due(real), env: { ...kubeletEnvironment, HTTPS_PROXY: proxy } },
      chain: {
        ...unkept(chain),
        stdin: kubeletRequest("shared-registry.cn-hangzhou.cr.aliyuncs.com/apps/web"),
      },
      call5000: unkept(many),
      coldHit: withoutPages(pull(usual)),
      coldCall: withoutPages(due(asking)),
    },
    pull: pull(first),
    forget: () => forgetAll(first),
    remove: () => {
      for (const each of nodes) each.remove();
    },
  };
}

/** Ours is the last one, and so found last. */
function registries(count: number): unknown[] {
  const others = Array.from({ length: count - 1 }, (_, index) => ({
    instanceId: `cri-${String(index).padStart(16, "0")}`,
    instanceName: `team-${index}`,
    regionId: "cn-hangzhou",
  }));
  return [...others, corp];
}

function fill({ argv, stdin = "", env = {} }: Measured): void {
  const [program = "", ...args] = argv;
  const { status, stderr } = spawnSync(program, args, { input: stdin, env: { ...env }, encoding: "utf8" });
  if (status !== 0) throw new Error(`fill a cache: ${stderr}`);
}

function inJson(command: Measured, { directory, configFile }: TestNode): Measured {
  const file = `${directory}/config.json`;
  writeFileSync(file, JSON.stringify(parse(readFileSync(configFile, "utf8"))), { mode: 0o600 });
  const own = { ...command, argv: command.argv.map((word) => (word === configFile ? file : word)) };
  fill(own);
  return own;
}

function forgetTokens({ cacheDirectory }: TestNode): void {
  forget(cacheDirectory, "token-");
}

function forgetConfig({ cacheDirectory }: TestNode): void {
  forget(cacheDirectory, "config-");
}

function forget(directory: string, kind: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(directory)) if (name.startsWith(kind)) rmSync(`${directory}/${name}`);
}

function forgetAll({ cacheDirectory }: TestNode): void {
  rmSync(cacheDirectory, { recursive: true, force: true });
}

export const built = `${root}dist/aliyun-acr-credential-provider`;
