import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { root } from "../../../scripts/project.ts";

/** The oldest releases of Ubuntu and Debian that are published, each with the libraries that one runtime needs. */
const trees = {
  /** glibc 2.23. Debian has no keys of Ubuntu, so its libraries are held against a hash; nobody changes them any more. */
  xenial: {
    packages: "libc6",
    libraries: "02194a6c63e4ee412a1bea5b2cebd91db9dec12ff8c5f56a8d73e1fd42667f2a",
  },
  /** glibc 2.31. */
  bullseye: { packages: "libc6,libstdc++6" },
} as const;
export type OldTree = keyof typeof trees;

const folderOf = (tree: OldTree) => `${root}.cache/release/${tree}`;

/** Makes a tree of libraries without a shell, once. @returns why it cannot be made, if so. */
export function oldTreeMissing(tree: OldTree): string | undefined {
  if (process.arch !== "x64" || process.platform !== "linux") return "this is not Linux on x64";
  if (process.getuid?.() !== 0) return "only root may chroot";
  if (existsSync(folderOf(tree))) return undefined;
  if (Bun.which("mmdebstrap") === null) return "mmdebstrap is missing";
  const unfinished = `${folderOf(tree)}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const { packages, libraries } = { libraries: undefined, ...trees[tree] };
  const unsigned = ["Acquire::AllowInsecureRepositories", "APT::Get::AllowUnauthenticated"];
  const { status, stderr } = spawnSync(
    "mmdebstrap",
    [
      ...["--variant=extract", `--include=${packages}`],
      ...(libraries === undefined ? [] : unsigned.map((option) => `--aptopt=${option} "true"`)),
      ...[tree, unfinished],
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) return `mmdebstrap: ${stderr.trim().split("\n").at(-1)}`;
  const found = librariesOf(unfinished);
  if (libraries !== undefined && found !== libraries) {
    throw new Error(`use ${packages} of ${tree}: the hash of its libraries is ${found}`);
  }
  renameSync(unfinished, folderOf(tree));
  return undefined;
}

/** One SHA-256 of all the tree's libraries, in hex. */
function librariesOf(folder: string): string {
  const libraries = `${folder}/lib/x86_64-linux-gnu`;
  const hash = createHash("sha256");
  for (const name of readdirSync(libraries).sort()) {
    hash.update(`${name}\n`).update(readFileSync(`${libraries}/${name}`));
  }
  return hash.digest("hex");
}

/** A shell's command that runs the executable in the tree, with /proc, the checkout and the folder for temporary files in it. */
export function commandInTree(tree: OldTree, executable: string): string {
  const folder = folderOf(tree);
  const bind = ["/proc", root, tmpdir()].map(
    (path) => `mkdir -p ${folder}${path} && mount --bind ${path} ${folder}${path}`,
  );
  const inside = [...bind, `exec chroot ${folder} ${executable} "$@"`].join(" && ");
  return `unshare --mount sh -c '${inside}' sh`;
}
