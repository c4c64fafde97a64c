import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root as project } from "../../../scripts/project.ts";
import { enclose } from "../node/enclosure.ts";
import { debianTree, executable, kubeletOf } from "../setup/paths.ts";
import type { Release } from "../setup/releases.ts";

/** A file of a node: its text, or a file of this machine that is copied. */
export type NodeFile = string | { readonly copyOf: string } | { readonly script: string };

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Debian that its own systemd has booted, in namespaces, with a kubelet. Nothing of it outlives `stop`. */
export interface SystemdNode {
  /** The node's `/`, seen from here. */
  readonly root: string;
  run(...command: string[]): Promise<Ran>;
  /** The built executable, on the node. */
  acr(...args: string[]): Promise<Ran>;
  write(path: string, file: NodeFile): void;
  read(path: string): string;
  /** Whether a kubelet answers that it is well, within so many seconds. */
  isHealthy(seconds: number): Promise<boolean>;
  /** Restarts the unit, and says whether a kubelet is well then. */
  survivesRestart(unit: string): Promise<boolean>;
  stop(): Promise<void>;
}

const ACR = "/root/aliyun-acr-credential-provider";

export async function bootNode(files: Readonly<Record<string, NodeFile>>): Promise<SystemdNode> {
  const extra = mkdtempSync(`${tmpdir()}/acr-systemd-`);
  // It becomes the mode of the node's own root.
  chmodSync(extra, 0o755);
  for (const [path, file] of Object.entries({ ...files, [ACR]: { copyOf: executable } }))
    put(extra, path, file);
  const boot = `${project}test/kubelet/systemd/boot.sh`;
  // The name of the control group goes along as an argument, since systemd begins with an empty environment.
  const enclosure = enclose([
    "sh",
    "-c",
    `exec sh "$0" "$1" "$ACR_TEST_NODE_CGROUP" "$2"`,
    boot,
    debianTree,
    extra,
  ]);
  const pid = await until(60, () =>
    readFileSync(`/proc/${enclosure.process.pid}/task/${enclosure.process.pid}/children`, "utf8").trim(),
  );
  const root = `/proc/${pid}/root`;
  const run = (...command: string[]) => spawn(["nsenter", "-a", "-t", pid, ...command]);
  const node: SystemdNode = {
    root,
    run,
    acr: (...args) => run(ACR, ...args),
    write: (path, file) => put(root, path, file),
    read: (path) => readFileSync(join(root, path), "utf8"),
    isHealthy: (seconds) =>
      until(seconds, async () => (await run("bash", "-c", HEALTH)).stdout.endsWith("ok")).then(
        () => true,
        () => false,
      ),
    async survivesRestart(unit) {
      await run("systemctl", "restart", "--no-block", unit);
      await Bun.sleep(500);
      return node.isHealthy(20);
    },
    async stop() {
      enclosure.process.kill("SIGKILL");
      await enclosure.ended();
      rmSync(extra, { recursive: true });
    },
  };
  await until(
    60,
    async () =>
      existsSync(`${root}/run/systemd/system`) &&
      (await run("systemctl", "is-system-running")).stdout.startsWith("running"),
  );
  return node;
}

/** The kubelet's health endpoint, without curl. */
const HEALTH = `exec 3<>/dev/tcp/127.0.0.1/10248 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;

function put(root: string, path: string, file: NodeFile): void {
  const to = join(root, path);
  mkdirSync(dirname(to), { recursive: true });
  if (typeof file === "string") writeFileSync(to, file);
  else if ("script" in file) writeFileSync(to, file.script);
  else copyFileSync(file.copyOf, to);
  chmodSync(to, typeof file === "string" ? 0o644 : 0o755);
}

async function spawn(command: string[]): Promise<Ran> {
  const child = Bun.spawn(command, {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { status: await child.exited, stdout, stderr };
}

async function until<Value>(seconds: number, look: () => Promise<Value> | Value): Promise<Value> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${look}`);
    await Bun.sleep(100);
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

export const kubelet = (release: Release): NodeFile => ({ copyOf: kubeletOf(release) });
