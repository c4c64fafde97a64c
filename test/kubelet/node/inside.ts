import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cgroupFolders, cgroupVariable } from "./enclosure.ts";

/** Where everything of the node is kept: in memory. */
export const state = "/run/acr-test";

/** Folders in which the kubelet would leave something behind, in places that cannot be configured. */
const protectedFolders = ["/var/lib", "/var/log"];

/**
 * What the kubelet would set in the machine's kernel (`setupKernelTunables` in its
 * pkg/kubelet/cm/container_manager_linux.go) and the values that it wants to find.
 */
const kernelTunables = {
  "vm/overcommit_memory": "1",
  "vm/panic_on_oom": "0",
  "kernel/panic": "10",
  "kernel/panic_on_oops": "1",
  "kernel/keys/root_maxkeys": "1000000",
  "kernel/keys/root_maxbytes": "25000000",
};

export interface NamespaceOptions {
  /** Host names and their addresses. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Further addresses that the namespaces have. */
  readonly addresses?: readonly string[];
  /** Further folders of which nothing is written to the machine. */
  readonly folders?: readonly string[];
}

/** Turns fresh namespaces into a node: private folders, loopback, ACR's names and the metadata address. */
export function prepareNamespaces({ hosts, addresses = [], folders = [] }: NamespaceOptions): {
  cgroup: string;
} {
  const cgroup = process.env[cgroupVariable];
  if (!cgroup) throw new Error("not in an enclosure (see enclosure.ts)");
  run("mount", "-t", "tmpfs", "acr-test", "/run");
  mkdirSync(state);
  process.env.TMPDIR = state;
  for (const folder of [...protectedFolders, ...folders]) protect(folder);
  cover("/etc/hosts", hostsFile(hosts));
  cover("/etc/resolv.conf", "nameserver 127.0.0.1\n");
  for (const [name, value] of Object.entries(kernelTunables)) cover(`/proc/sys/${name}`, `${value}\n`);

  run("ip", "link", "set", "lo", "up");
  for (const address of ["100.100.100.200", ...addresses]) {
    run("ip", "address", "add", `${address}/32`, "dev", "lo");
  }
  for (const folder of cgroupFolders(cgroup)) mkdirSync(folder);
  enterServicesCgroup(cgroup);
  return { cgroup };
}

/** The control group can be removed when the last process is gone: so whoever removes it waits for that. */
function enterServicesCgroup(cgroup: string): void {
  const folders = cgroupFolders(cgroup);
  const folder = folders.find((path) => path.startsWith("/sys/fs/cgroup/pids/")) ?? folders[0];
  mkdirSync(`${folder}/services`);
  writeFileSync(`${folder}/services/cgroup.procs`, "0");
}

export const hostsFile = (hosts: Readonly<Record<string, string>>) =>
  ["127.0.0.1 localhost", ...Object.entries(hosts).map(([name, address]) => `${address} ${name}`), ""].join(
    "\n",
  );

/** What is written to the folder from now on is kept in memory. */
function protect(folder: string): void {
  const [upper, work] = ["written", "work"].map((part) => `${state}/${part}${folder}`) as [string, string];
  for (const path of [upper, work]) mkdirSync(path, { recursive: true });
  const options = `lowerdir=${folder},upperdir=${upper},workdir=${work}`;
  run("mount", "-t", "overlay", "acr-test", "-o", options, folder);
}

/** Lays a file of ours over one of the machine's. */
function cover(path: string, content: string): void {
  const ours = `${state}/covers${path}`;
  mkdirSync(ours.slice(0, ours.lastIndexOf("/")), { recursive: true });
  writeFileSync(ours, content);
  run("mount", "--bind", ours, path);
  if (readFileSync(path, "utf8") !== content) throw new Error(`${path} could not be covered`);
}

/** Runs a command to its end; throws what it said when it fails. */
export function run(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}${stdout}`);
  return stdout.toString();
}
