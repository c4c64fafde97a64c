import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { root } from "../../../scripts/project.ts";

/**
 * Copies what git knows of the checkout (changes that are not committed included), its packages and the runtimes that were
 * fetched. The folder is replaced. @returns it, with a slash at its end.
 */
export function copyCheckout(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(`${folder}/.cache`, { recursive: true });
  const { stdout } = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const path of stdout.split("\0").filter((path) => path !== "")) {
    mkdirSync(dirname(`${folder}/${path}`), { recursive: true });
    cpSync(root + path, `${folder}/${path}`);
  }
  linked("node_modules", `${folder}/`);
  linked(".cache/runtimes", `${folder}/.cache/`);
  return `${folder}/`;
}

/** By hard links: it is a gigabyte. What is below must not be changed in place. */
function linked(path: string, into: string): void {
  const { status, stderr } = spawnSync("cp", ["-al", root + path, into], { encoding: "utf8" });
  if (status !== 0) throw new Error(`cp -al ${path}: ${stderr}`);
}
