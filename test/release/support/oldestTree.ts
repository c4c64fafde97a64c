import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { root } from "../../../scripts/project.ts";

/** The libraries of the last libc6 of Ubuntu 16.04: glibc 2.23. Nobody changes them any more. */
const LIBRARIES = "02194a6c63e4ee412a1bea5b2cebd91db9dec12ff8c5f56a8d73e1fd42667f2a";

/** The folder of the tree. It holds what libc6 and its dependencies bring, and no shell. */
export const oldestTree = `${root}.cache/release/ubuntu-16.04`;

/**
 * Makes the tree, once. Debian has no keys of Ubuntu, so the libraries are held against a hash before anything of them runs.
 * @returns why it cannot be made, if so.
 */
export function oldestTreeMissing(): string | undefined {
  if (process.arch !== "x64" || process.platform !== "linux") return "this is not Linux on x64";
  if (process.getuid?.() !== 0) return "only root may chroot";
  if (existsSync(oldestTree)) return undefined;
  if (Bun.which("mmdebstrap") === null) return "mmdebstrap is missing";
  const unfinished = `${oldestTree}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const unsigned = ["Acquire::AllowInsecureRepositories", "APT::Get::AllowUnauthenticated"];
  const { status, stderr } = spawnSync(
    "mmdebstrap",
    [
      ...["--variant=extract", "--include=libc6"],
      ...unsigned.map((option) => `--aptopt=${option} "true"`),
      ...["xenial", unfinished],
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) return `mmdebstrap: ${stderr.trim().split("\n").at(-1)}`;
  const found = librariesOf(unfinished);
  if (found !== LIBRARIES) throw new Error(`use libc6 of Ubuntu 16.04: its libraries' hash is ${found}`);
  renameSync(unfinished, oldestTree);
  return undefined;
}

/** One SHA-256 of all the tree's libraries, in hex. */
function librariesOf(tree: string): string {
  const folder = `${tree}/lib/x86_64-linux-gnu`;
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).sort())
    hash.update(`${name}\n`).update(readFileSync(`${folder}/${name}`));
  return hash.digest("hex");
}

/** Writes a program to `path` that runs the executable in the tree, with /proc, the checkout and the folder for temporary files in it. */
export function runInOldestTree(path: string, executable: string): void {
  const bind = ["/proc", root, tmpdir()].map(
    (folder) => `mkdir -p ${oldestTree}${folder} && mount --bind ${folder} ${oldestTree}${folder}`,
  );
  const inside = [...bind, `exec chroot ${oldestTree} ${executable} "$@"`].join(" && ");
  writeFileSync(path, `#!/bin/sh\nexec unshare --mount sh -c '${inside}' sh "$@"\n`, { mode: 0o755 });
}
