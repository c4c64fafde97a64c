import { closeSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { version as ownVersion } from "../../../../package.json";
import { Unreadable } from "../../../kubelet/credentialProviderConfig/kubeletFiles.ts";
import { type Changeable, changeableOnTheWay } from "../../../kubelet/executable/changeable.ts";
import { type ExecutableFormat, executableFormat } from "../../../kubelet/executable/elfFile.ts";
import { mountOf } from "../../../kubelet/executable/mountOf.ts";
import { boundedRun } from "../../../kubelet/running/boundedRun.ts";
import { textOf } from "../../../kubelet/running/processes.ts";
import type { Check } from "../check.ts";
import { checksOf } from "../makeCheck.ts";
import type { ObservedNode } from "../observedNode.ts";
import { PROVIDER_NAME } from "../ourProviders.ts";

const check = checksOf("executable");

/** The executable that the kubelet runs, else this one: can it be run, and who could put another in its place. */
export async function* examineExecutable(node: ObservedNode): AsyncIterable<Check> {
  const { provider, flags } = node;
  const path =
    provider?.executable ?? (flags.binDir ? join(flags.binDir.value, PROVIDER_NAME) : process.execPath);
  const found = check("file", path);
  const problem = problemOfFile(node, path);
  if (problem !== undefined) {
    yield found.failed(...problem);
    return;
  }
  yield found.ok(flags.binDir === undefined ? "this program: no kubelet leads to one" : linkText(node, path));
  yield* owners(node, path);
  yield mount(node, path);
  yield format(node, path);
  yield await version(node, path);
}

function problemOfFile(
  { files, provider }: ObservedNode,
  path: string,
): [found: string, remedy: string] | undefined {
  const install = replacement(path);
  try {
    const kind = files.kindOf(path);
    if (kind === undefined) {
      return [
        `does not exist${provider ? ", and with that the kubelet ends at its next start" : ""}`,
        install,
      ];
    }
    if (kind === "directory") return ["is a directory", `rmdir ${path} && ${install}`];
    const { mode } = statSync(files.here(path));
    const octal = (mode & 0o7777).toString(8).padStart(4, "0");
    return (mode & 0o111) === 0 ? [`cannot be executed (mode ${octal})`, `chmod 0755 ${path}`] : undefined;
  } catch (error) {
    const reason = error instanceof Unreadable ? error.message : (error as Error).message;
    return [`cannot be looked at: ${reason}`, "run doctor as root"];
  }
}

/** By rename: one that runs cannot be written to, and no pull may meet half of it. */
function replacement(path: string): string {
  return `install -m 0755 ${process.execPath} ${path}.new && mv ${path}.new ${path}`;
}

function linkText({ files }: ObservedNode, path: string): string {
  const target = targetOf(files, path);
  return target === path ? "is there" : `leads to ${target}`;
}

/** Where the links of a path end, as the kubelet names it. */
function targetOf(files: ObservedNode["files"], path: string): string {
  return files.root === "" ? realpathSync(path) : files.here(path).slice(files.root.length);
}

/** Whoever can change it, or a folder above it, has root's rights at the next pull. */
function* owners({ files, kubelet }: ObservedNode, path: string): Iterable<Check> {
  const trusted = kubelet === undefined ? [0, process.geteuid?.() ?? 0] : [0];
  let found: Changeable[];
  try {
    found = changeableOnTheWay(path, trusted, files.root);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    yield check("owners", path).failed(`cannot be looked at: ${error.message}`, "run doctor as root");
    return;
  }
  for (const { path: part, why, remedy, sticky } of found) {
    if (sticky) {
      yield check("owners", part).warning(
        `${why}: ${path} is better kept elsewhere`,
        "move it below /usr/local or /opt",
      );
    } else if (kubelet === undefined) yield check("owners", part).warning(why, remedy);
    else yield check("owners", part).failed(`${why}, who can then run anything as root`, remedy);
  }
  if (found.length === 0) yield check("owners", path).ok("only root can change it and the folders above it");
}

function mount({ files, kubelet }: ObservedNode, path: string): Check {
  const found = check("mount", path);
  const info = textOf(`/proc/${kubelet?.pid ?? "self"}/mountinfo`);
  const mounted = info === undefined ? undefined : mountOf(targetOf(files, path), info);
  if (mounted === undefined) return found.skipped("/proc does not tell what is mounted");
  if (!mounted.noexec) return found.ok(`on ${mounted.point}, which is not noexec`);
  return found.failed(
    `${mounted.point} is mounted noexec, and the kubelet gets "permission denied"`,
    `mount -o remount,exec ${mounted.point}, or keep the executable elsewhere and correct --image-credential-provider-bin-dir`,
  );
}

function format({ files }: ObservedNode, path: string): Check {
  const found = check("format", path);
  const executable = formatOf(files.here(path));
  if (executable === undefined) return found.skipped("it may not be read: run doctor as root");
  const rightOne = `install the build for ${process.arch} (linux-${process.arch})`;
  if (executable.kind === "unknown") {
    return found.failed('is neither ELF nor a script, and the kubelet gets "exec format error"', rightOne);
  }
  if (executable.kind === "elf" && executable.machine !== process.arch) {
    return found.failed(`is made for ${executable.machine}, and this machine is ${process.arch}`, rightOne);
  }
  const { interpreter } = executable;
  const about = executable.kind === "elf" ? `ELF for ${executable.machine}` : "a script";
  if (interpreter === undefined) return found.ok(about);
  if (files.kindOf(interpreter) === "file") return found.ok(`${about}, run by ${interpreter}`);
  return found.failed(
    `is run by ${interpreter}, which does not exist: the kubelet gets "no such file or directory" of ${path}`,
    executable.kind === "script"
      ? `install ${interpreter}`
      : "install the C library (glibc) of this system; a musl system has none",
  );
}

function formatOf(path: string): ExecutableFormat | undefined {
  let fd: number | undefined;
  try {
    const opened = openSync(path, "r");
    fd = opened;
    return executableFormat((offset, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(opened, bytes, 0, length, offset));
    });
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** A container's executable is not run here. */
async function version({ files }: ObservedNode, path: string): Promise<Check> {
  const found = check("version", path);
  if (files.view === "root") return found.skipped("it belongs to a kubelet with a file system of its own");
  const result = await boundedRun(files.here(path), ["--version"]);
  if (!result.ok) return found.failed(`does not run: ${result.why}`, replacement(path));
  const [, said] = /^aliyun-acr-credential-provider (\S+)\n$/.exec(result.stdout) ?? [];
  if (said === ownVersion) return found.ok(said);
  if (said === undefined) {
    return found.failed("is another program: --version does not name it", replacement(path));
  }
  return found.warning(
    `is version ${said}, and this one ${ownVersion}`,
    `run ${path} doctor for what that version makes of it, or replace it: ${replacement(path)}`,
  );
}
