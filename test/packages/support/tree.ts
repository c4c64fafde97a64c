import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { debianTree } from "../../kubelet/setup/paths.ts";
import { newPackages, oldPackages } from "./built.ts";

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A Debian of its own to install into: a layer in memory on the tree that is made once. Its mounts are in the namespace in
 * which these tests run, and end with it.
 */
export interface Tree {
  readonly root: string;
  /** A command in the tree. */
  run(...command: string[]): Promise<Ran>;
  /** One that is killed after so many milliseconds. @returns whether it was. */
  runKilled(ms: number, ...command: string[]): Promise<boolean>;
  write(path: string, text: string): void;
  /** Every file, link and folder, with mode, owner and content; what package managers keep for themselves is left out. */
  state(): Record<string, string>;
}

/** Where the tree sees the packages. */
export const NEW = "/media/new";
export const OLD = "/media/old";

const base = "/mnt";
/** What dpkg, rpm and the C library write at every run, and what is not of the tree. */
const notOfPackages = ["/dev", "/proc", "/media", "/tmp", "/var/lib/dpkg", "/var/lib/rpm", "/var/log"];

let trees = 0;

export function makeTree(): Tree {
  if (trees++ === 0) sh("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", base);
  const folder = `${base}/tree-${trees}`;
  const root = `${folder}/root`;
  for (const part of ["upper", "work", "root"]) mkdirSync(`${folder}/${part}`, { recursive: true });
  const layers = `lowerdir=${debianTree},upperdir=${folder}/upper,workdir=${folder}/work`;
  sh("mount", "-t", "overlay", "-o", layers, "overlay", root);
  sh("mount", "-t", "proc", "proc", `${root}/proc`);
  sh("mount", "--rbind", "/dev", `${root}/dev`);
  for (const [inside, outside] of [
    [NEW, newPackages],
    [OLD, oldPackages],
  ] as const) {
    mkdirSync(root + inside, { recursive: true });
    sh("mount", "--bind", outside, root + inside);
  }
  const start = (command: string[]) =>
    Bun.spawn(["chroot", root, ...command], {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  return {
    root,
    run: (...command) => ended(start(command)),
    async runKilled(ms, ...command) {
      const child = start(command);
      const timer = setTimeout(() => child.kill("SIGKILL"), ms);
      const { status } = await ended(child);
      clearTimeout(timer);
      return status === null;
    },
    write(path, text) {
      mkdirSync(dirname(root + path), { recursive: true });
      writeFileSync(root + path, text);
    },
    state: () => stateOf(root, ""),
  };
}

/** A command of this machine. */
export const run = (...command: string[]) => ended(Bun.spawn(command, { stdio: ["ignore", "pipe", "pipe"] }));

async function ended(child: Bun.Subprocess<"ignore", "pipe", "pipe">): Promise<Ran> {
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  await child.exited;
  return { status: child.exitCode, stdout, stderr };
}

function sh(...command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}

function stateOf(root: string, folder: string): Record<string, string> {
  const state: Record<string, string> = {};
  for (const name of readdirSync(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (notOfPackages.includes(path)) continue;
    const stats = lstatSync(root + path);
    const owner = `${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}`;
    if (stats.isSymbolicLink()) state[path] = `-> ${readlinkSync(root + path)}`;
    else if (stats.isDirectory()) Object.assign(state, { [path]: owner }, stateOf(root, path));
    else state[path] = stats.isFile() ? `${owner} ${Bun.hash(readFileSync(root + path))}` : owner;
  }
  return state;
}

/** Of a whole file, in hex. */
export function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
