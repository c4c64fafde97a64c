import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Cloud } from "../cloud/cloud.ts";
import { defaultWorld, instanceCorp } from "../cloud/defaultWorld.ts";
import type { Fault } from "../cloud/faults/faultBook.ts";
import type { ServiceAccountTokenOptions } from "../cloud/sts/oidcIssuer.ts";
import { executable, type RunResult, runExecutable } from "../support/executable.ts";
import { type TestNode, testNode } from "../support/node.ts";
import { kubeletRequest } from "../support/request.ts";

/** The host that every mistake keeps from being pulled from, unless it says otherwise. */
export const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";

/** The right config of a node on ECS; a mistake changes some of it. */
export const rightConfig = {
  registries: [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }],
  identity: { source: "ecsRamRole" },
  timeouts: { total: "8s", request: "2s" },
};

/** What an operator can do wrong, and how it is done here. Everything that is not said is as it should be. */
export interface Mistake {
  /** What is wrong, in a few words; unique. */
  readonly title: string;
  /** How it is made, in Markdown. */
  readonly made: string;
  /** Native keys over those of the right config. */
  readonly config?: Record<string, unknown>;
  /** Instead of the whole config file. */
  readonly text?: string;
  /** Default: a repository of `CORP`. */
  readonly image?: string;
  /** Instead of a request for the image. */
  readonly stdin?: string;
  /** Instead of `--config FILE`; `FILE` stands for the config file. */
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  /** Of the pod whose token the kubelet sends; default: it sends none. */
  readonly pod?: Partial<ServiceAccountTokenOptions>;
  readonly annotations?: Record<string, string>;
  /** What answers wrongly. */
  readonly fault?: Fault;
  /** What is wrong at Alibaba Cloud or on the node; may return more of the mistake (a port, a path). */
  readonly prepare?: (
    cloud: Cloud,
    node: TestNode,
  ) => undefined | Partial<Mistake> | Promise<Partial<Mistake>>;
  /** Ends what `prepare` has begun. */
  readonly after?: () => Promise<void>;
  /** In a network namespace of its own, which has no way out: the API's real hosts cannot be reached. */
  readonly isolated?: boolean;
  /** Where the line stands: default stderr; the pull succeeds where it is in the plugin's log. */
  readonly line?: "stderr" | "log";
}

/** Mistakes of one kind, as the document has them below one heading. */
export interface MistakeGroup {
  readonly title: string;
  readonly mistakes: readonly Mistake[];
}

const UNSHARE = "/usr/bin/unshare";
const ISOLATED = ["--map-root-user", "--net"];

/** Whether this machine lets a process have a network namespace of its own. */
export function canIsolate(): boolean {
  return existsSync(UNSHARE) && Bun.spawnSync([UNSHARE, ...ISOLATED, "/bin/true"]).exitCode === 0;
}

/** Makes the mistake on a node of its own, and says what the executable prints, with placeholders. */
export async function lineOf(cloud: Cloud, mistake: Mistake): Promise<string> {
  cloud.reset();
  Object.assign(cloud.world, defaultWorld());
  const node = testNode(cloud, { ...rightConfig, ...mistake.config });
  try {
    const whole = { ...mistake, ...(await mistake.prepare?.(cloud, node)) };
    if (whole.config !== mistake.config) node.configure({ ...rightConfig, ...whole.config });
    if (whole.fault !== undefined) cloud.faults.set(whole.fault);
    if (whole.text !== undefined) {
      writeFileSync(node.configFile, whole.text, { mode: 0o600 });
      chmodSync(node.configFile, 0o600);
    }
    return withPlaceholders(cloud, node, printed(cloud, node, whole, await run(cloud, node, whole)));
  } finally {
    await mistake.after?.();
    node.remove();
  }
}

function run(cloud: Cloud, node: TestNode, mistake: Mistake): Promise<RunResult> {
  const { image = `${CORP}/apps/web`, pod, annotations, env = {} } = mistake;
  const token =
    pod === undefined
      ? {}
      : {
          serviceAccountToken: cloud.issueServiceAccountToken({
            namespace: "apps",
            serviceAccount: "puller",
            ...pod,
          }),
        };
  const request = {
    ...token,
    ...(annotations === undefined ? {} : { serviceAccountAnnotations: annotations }),
  };
  const args = (mistake.args ?? ["--config", "FILE"]).map((arg) => arg.replace("FILE", node.configFile));
  const stdin = mistake.stdin ?? kubeletRequest(image, request);
  if (!mistake.isolated) return runExecutable({ args, env, stdin });
  return runExecutable({ path: UNSHARE, args: [...ISOLATED, executable, ...args], env, stdin });
}

/** The one line of the mistake, after the run was seen to go as a mistake should. */
function printed(cloud: Cloud, node: TestNode, { line = "stderr" }: Mistake, result: RunResult): string {
  const { status, stdout, stderr } = result;
  const logged = existsSync(node.logFile) ? readFileSync(node.logFile, "utf8") : "";
  for (const secret of ["CANARY", ...cloud.secrets]) {
    if (`${stderr}\n${logged}`.includes(secret)) throw new Error(`a secret is in ${stderr}`);
  }
  if (line === "log") {
    const warnings = node.log().at(-1)?.warnings;
    if (status !== 0 || !Array.isArray(warnings)) throw new Error(`no warning, status ${status}: ${stderr}`);
    return warnings.join("\n");
  }
  if (status !== 1 && status !== 2) throw new Error(`status ${status}: ${stdout}`);
  if (stdout !== "") throw new Error(`more than the line: ${stdout}`);
  return stderr.trimEnd();
}

/** What differs from run to run, and what is the simulation's, by what a node has in its place. */
function withPlaceholders(cloud: Cloud, node: TestNode, line: string): string {
  const { acr, sts, metadata, credentialsUri } = cloud.endpoints;
  const hosts: [string, string][] = [
    [acr, "cr.cn-hangzhou.aliyuncs.com"],
    [sts, "sts.cn-hangzhou.aliyuncs.com"],
    [metadata, "100.100.100.200"],
    [credentialsUri, "127.0.0.1:PORT"],
  ];
  const named = hosts.reduce((text, [url, host]) => text.replaceAll(new URL(url).host, host), line);
  return named
    .replaceAll(node.cacheDirectory, "/run/aliyun-acr-credential-provider")
    .replaceAll(node.directory, "/etc/aliyun-acr-credential-provider")
    .replace(/request id [0-9A-F-]{36}/g, "request id …")
    .replace(/\bwaited [\d.]+ s\b/g, "waited … s")
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…")
    .replace(/\bSTS\.[\w.]*…\w*/g, "STS.…")
    .replace(/\b127\.0\.0\.1:\d{4,5}\b/g, "127.0.0.1:PORT");
}
