/** Archives that are the same bytes wherever one commit is packed. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { root } from "../project.ts";
import { CHART, name, SOURCE, version } from "./releaseFolder.ts";

/** Everything that git has of the commit: what the executables can be built from anew. */
export function archiveSource(folder: string): void {
  const prefix = `--prefix=${name}-${version}/`;
  writeFileSync(
    `${folder}/${SOURCE}`,
    gzipSync(output("git", ["-c", "tar.umask=0022", "archive", "--format=tar", prefix, "HEAD"])),
  );
}

/** The Helm chart, as `helm install` takes it; its tests stay here. */
export function archiveChart(folder: string): void {
  const times = ["--sort=name", `--mtime=@${commitTime()}`, "--mode=u=rwX,go=rX"];
  const owners = ["--owner=0", "--group=0", "--numeric-owner"];
  const files = gitFiles("node-config/chart").filter((file) => !file.startsWith("node-config/chart/tests/"));
  const names = ["--format=gnu", `--transform=s,^node-config/chart,${name},`];
  const tar = output("tar", [...names, ...times, ...owners, "-cf", "-", ...files]);
  writeFileSync(`${folder}/${CHART}`, gzipSync(tar));
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
