/** Archives that are the same bytes wherever one commit is packed. */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { noticesText } from "../notices/notices.ts";
import { root } from "../project.ts";
import { executableName, name, SOURCE, version } from "./releaseFolder.ts";
import type { Target } from "./targets.ts";

/** Everything that git has of the commit: what the executables can be built from anew. */
export function archiveSource(folder: string): void {
  const prefix = `--prefix=${name}-${version}/`;
  writeFileSync(
    `${folder}/${SOURCE}`,
    gzipSync(output("git", ["-c", "tar.umask=0022", "archive", "--format=tar", prefix, "HEAD"])),
  );
}

/** The executable with `node-config`, LICENSE and NOTICE. The executable of the target must be in the folder. */
export async function archiveExecutable(folder: string, target: Target): Promise<void> {
  const staging = mkdtempSync(`${tmpdir()}/${name}-`);
  try {
    const tree = `${staging}/${executableName(target)}`;
    for (const path of ["LICENSE", ...gitFiles("node-config")]) {
      mkdirSync(dirname(`${tree}/${path}`), { recursive: true });
      cpSync(root + path, `${tree}/${path}`);
    }
    copyFileSync(`${folder}/${executableName(target)}`, `${tree}/${name}`);
    writeFileSync(`${tree}/NOTICE`, await noticesText());
    const times = ["--sort=name", `--mtime=@${commitTime()}`, "--mode=u=rwX,go=rX"];
    const owners = ["--owner=0", "--group=0", "--numeric-owner"];
    const tar = output("tar", [
      "--format=gnu",
      ...times,
      ...owners,
      "-C",
      staging,
      "-cf",
      "-",
      executableName(target),
    ]);
    writeFileSync(`${folder}/${executableName(target)}.tar.gz`, gzipSync(tar));
  } finally {
    rmSync(staging, { recursive: true });
  }
}

/** Whether everything is committed: only then a release is made of one commit. @throws Error outside of a checkout. */
export const isCommitted = () => text("git", ["status", "--porcelain"]).trim() === "";

/** Seconds since the epoch: `SOURCE_DATE_EPOCH` (https://reproducible-builds.org/specs/source-date-epoch/) or the commit's. */
const commitTime = () => process.env.SOURCE_DATE_EPOCH ?? text("git", ["log", "-1", "--format=%ct"]).trim();

const gitFiles = (path: string) =>
  text("git", ["ls-files", "-z", path])
    .split("\0")
    .filter((file) => file !== "");
const text = (program: string, args: readonly string[]) => output(program, args).toString();

/** @throws Error with what it said. */
function output(program: string, args: readonly string[]): Buffer {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, maxBuffer: 2 ** 30 });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr.toString().trim()}`);
}
