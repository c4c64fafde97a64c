import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { root as project } from "../../../scripts/project.ts";
import { enclose } from "../node/enclosure.ts";
import { waitFor } from "../node/service.ts";
import { debianTree, executable, kubeletOf, nodesFolder } from "../setup/paths.ts";
import type { Release } from "../setup/releases.ts";

/** A file of a node: its text, or a file of this machine. */
export type NodeFile = string | { readonly script: string } | { readonly linkTo: string };
/** What can be written to a node that runs. */
type Written = Exclude<NodeFile, { readonly linkTo: string }>;

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process on a node that has not ended. */
export interface Running {
  /** Of the process itself; its `ended` tells the status 137. */
  kill(): void;
  readonly ended: Promise<Ran>;
}

/** A Debian that its own systemd has booted, in namespaces, with a kubelet. Nothing of it outlives `stop`. */
export interface SystemdNode {
  /** The node's `/`, seen from here. */
  readonly root: string;
  start(...command: string[]): Running;
  run(...command: string[]): Promise<Ran>;
  /** The built executable, on the node. */
  acr(...args: string[]): Promise<Ran>;
  write(path: string, file: Written): void;
  read(path: string): string;
  /** Whether a kubelet answers that it is well, within so many seconds. */
  isHealthy(seconds: number): Promise<boolean>;
  /** Restarts the unit, and waits until systemd has done so; what it starts may end at once. */
  restart(unit: string): Promise<void>;
  /** Restarts the unit, and says whether a kubelet is well then. */
  survivesRestart(unit: string): Promise<boolean>;
  stop(): Promise<void>;
}

export const ACR = "/root/aliyun-acr-credential-provider";

/** Boots a node with these files, by default on a network of its own. */
export async function bootNode(
  files: Readonly<Record<string, NodeFile>>,
  network: "own" | "shared" = "own",
): Promise<SystemdNode> {
  mkdirSync(nodesFolder, { recursive: true });
  const extra = mkdtempSync(`${nodesFolder}/node-`);
  for (const [path, file] of Object.entries({ ...files, [ACR]: { linkTo: executable } }))
    put(extra, path, file);
  const boot = `${project}test/kubelet/systemd/boot.sh`;
  // The name of the control group goes along as an argument, since systemd begins with an empty environment.
  const enclosure = enclose(
    ["sh", "-c", `exec sh "$0" "$1" "$ACR_TEST_NODE_CGROUP" "$2"`, boot, debianTree, extra],
    { network },
  );
  const pid = await waitFor("first process", () => childOf(enclosure.process.pid));
  const root = `/proc/${pid}/root`;
  const start = (...command: string[]) => spawn(["nsenter", "-a", "-t", pid, ...command]);
  const run = (...command: string[]) => start(...command).ended;
  const invocation = async (unit: string) =>
    (await run("systemctl", "show", unit, "-p", "InvocationID", "--value")).stdout.trim();
  const node: SystemdNode = {
    root,
    start,
    run,
    acr: (...args) => run(ACR, ...args),
    write: (path, file) => put(root, path, file),
    read: (path) => readFileSync(join(root, path), "utf8"),
    isHealthy: (seconds) =>
      waitFor("health", async () => (await run("bash", "-c", HEALTH)).stdout.endsWith("ok"), {
        seconds,
      }).catch(() => false),
    async restart(unit) {
      const before = await invocation(unit);
      await run("systemctl", "restart", "--no-block", unit);
      await waitFor(`restart of ${unit}`, async () => ![before, ""].includes(await invocation(unit)));
    },
    async survivesRestart(unit) {
      await node.restart(unit);
      return node.isHealthy(30);
    },
    async stop() {
      enclosure.process.kill("SIGKILL");
      await enclosure.ended();
      await removeUnifiedCgroup(enclosure.cgroup);
      rmSync(extra, { recursive: true });
    },
  };
  await waitFor("booted systemd", async () => {
    if (!existsSync(`${root}/run/systemd/system`)) return false;
    const { stdout } = await run("systemctl", "is-system-running");
    if (!stdout.startsWith("degraded")) return stdout.startsWith("running");
    throw new Error((await run("systemctl", "--failed", "--no-legend", "--plain")).stdout);
  });
  return node;
}

/** With cgroup v1 the machine need not have the unified hierarchy mounted, in which each node has a group too. */
async function removeUnifiedCgroup(name: string): Promise<void> {
  if (existsSync("/sys/fs/cgroup/cgroup.controllers")) return;
  const remove = `mount -t cgroup2 cgroup2 /mnt && { find /mnt/${name} -depth -type d -exec rmdir {} +; [ ! -e /mnt/${name} ]; }`;
  await waitFor(
    "end of the control group",
    () => Bun.spawnSync(["unshare", "--mount", "sh", "-c", remove]).success,
  );
}

/** The kubelet's health endpoint, without curl. */
const HEALTH = `exec 3<>/dev/tcp/127.0.0.1/10248 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;

function put(root: string, path: string, file: NodeFile): void {
  const to = join(root, path);
  mkdirSync(dirname(to), { recursive: true });
  if (typeof file === "string") writeFileSync(to, file);
  else if ("script" in file) writeFileSync(to, file.script);
  else {
    linkSync(file.linkTo, to);
    return;
  }
  chmodSync(to, typeof file === "string" ? 0o644 : 0o755);
}

function spawn(command: string[]): Running {
  const child = Bun.spawn(command, {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = [child.stdout, child.stderr].map((stream) => new Response(stream).text());
  return {
    // nsenter itself, which waits outside, ends as its child does.
    kill() {
      const pid = childOf(child.pid);
      if (pid) process.kill(Number(pid), "SIGKILL");
    },
    ended: Promise.all(text).then(async ([stdout = "", stderr = ""]) => ({
      status: await child.exited,
      stdout,
      stderr,
    })),
  };
}

/** The first child of a process, "" where it has none (any more). */
function childOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0] ?? "";
  } catch {
    return "";
  }
}

/** Without an API server. The memory of this machine may be as full as it likes. */
export const kubeletConfiguration = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: []
`;

export const kubelet = (release: Release): NodeFile => ({ linkTo: kubeletOf(release) });
