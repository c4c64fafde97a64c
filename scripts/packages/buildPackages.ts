import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build as buildGoProgram } from "../../test/kubelet/setup/build.ts";
import { author, name, version as ownVersion } from "../about.ts";
import { nodeNoticesText, noticesText } from "../notices/notices.ts";
import { root } from "../project.ts";
import type { Target } from "../release/targets.ts";
import { sourceDate } from "./checkout.ts";
import { stageFiles } from "./stageFiles.ts";
import { architectures } from "./targets.ts";

/** Where `buildNfpm` puts it. */
export const nfpm = `${root}.cache/packages/nfpm`;

/**
 * Builds the executable of each target, and from it a tar.gz, a deb and an rpm into the folder. Built from one commit they are
 * the same bytes, wherever and whenever that is done. @returns their paths.
 * @throws Error where Go is missing, which builds nfpm, or outside of a checkout.
 */
export async function buildPackages(folder: string, targets: readonly Target[]): Promise<string[]> {
  await buildNfpm();
  const made: string[] = [];
  for (const target of targets) {
    await run([process.execPath, "run", "scripts/build.ts", "--target", target], { cwd: root });
    made.push(...(await packExecutable(folder, { executable: `${root}dist/${name}-${target}`, target })));
  }
  return made;
}

/** nfpm as scripts/packages/nfpm pins it, once. */
export async function buildNfpm(): Promise<void> {
  await buildGoProgram({
    output: nfpm,
    sources: "github.com/goreleaser/nfpm/v2/cmd/nfpm",
    folder: `${root}scripts/packages/nfpm`,
    modfile: "go.mod",
    ldflags: "-s -w",
  });
}

export interface Packed {
  readonly executable: string;
  readonly target: Target;
  /** By default that of package.json. */
  readonly version?: string;
}

/** Packs an executable that is there. `buildNfpm` must have run. @returns the paths of tar.gz, deb and rpm. */
export async function packExecutable(into: string, packed: Packed): Promise<string[]> {
  const { target, version = ownVersion } = packed;
  const folder = resolve(into);
  return await withStaged(folder, packed, await noticesText(), async (staging, date) => {
    const env = {
      ...process.env,
      ARCH: architectures[target],
      VERSION: version,
      MAINTAINER: author,
      SOURCE_DATE_EPOCH: String(date),
    };
    const packages = ["deb", "rpm"].map((packager) => runNfpm(packager, { staging, env, folder }));
    const archive = await makeArchive(staging, `${folder}/${name}-${version}-${target}`);
    return [archive, ...(await Promise.all(packages))];
  });
}

/** The executable of Node.js, as a tar.gz alone. @returns its path. */
export async function archiveNodeExecutable(into: string, packed: Packed): Promise<string> {
  const { target, version = ownVersion } = packed;
  const path = `${resolve(into)}/${name}-${version}-node-${target}`;
  const notices = await nodeNoticesText(target);
  return await withStaged(resolve(into), packed, notices, (staging) => makeArchive(staging, path));
}

/** Lays out the files in a folder that is there for as long as `pack` takes. */
async function withStaged<Made>(
  folder: string,
  { executable, version = ownVersion }: Packed,
  notices: string,
  pack: (staging: string, date: number) => Promise<Made>,
): Promise<Made> {
  mkdirSync(folder, { recursive: true });
  const staging = mkdtempSync(`${tmpdir()}/${name}-packages-`);
  try {
    const date = sourceDate();
    await stageFiles(staging, { executable, version, notices, date });
    return await pack(staging, date);
  } finally {
    rmSync(staging, { recursive: true });
  }
}

async function runNfpm(
  packager: string,
  { staging, env, folder }: { staging: string; env: NodeJS.ProcessEnv; folder: string },
): Promise<string> {
  const config = `${root}scripts/packages/nfpm.yaml`;
  const command = [nfpm, "package", "-f", config, "-p", packager, "-t", folder];
  const said = (await run(command, { cwd: staging, env })).toString();
  const path = /created package: (.*)/.exec(said)?.[1];
  if (path === undefined) throw new Error(`nfpm does not say what it made: ${said}`);
  return path;
}

/** By GNU tar; the staged files have their times and modes already. @returns its path. */
async function makeArchive(staging: string, path: string): Promise<string> {
  const options = `--format=gnu --sort=name --owner=0 --group=0 --numeric-owner --transform=s,^tree,${basename(path)},`;
  const tar = await run(["tar", ...options.split(" "), "-cf", "-", "tree"], { cwd: staging });
  const archive = `${path}.tar.gz`;
  writeFileSync(archive, gzipSync(tar));
  return archive;
}

/** @returns its stdout. @throws Error with its stderr where it fails. */
async function run(
  command: string[],
  { cwd, env = process.env }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Buffer> {
  const child = Bun.spawn(command, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).arrayBuffer(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0)
    throw new Error(`${command.slice(0, 2).join(" ")}: ${stderr.trim() || Buffer.from(stdout).toString()}`);
  return Buffer.from(stdout);
}
