/** Debian's packages that the image is made of, by their pinned versions. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { root } from "../project.ts";

export const architectures = ["amd64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

const pinFile = `${root}scripts/image/pinnedPackages.json`;
const SUITE = "bookworm";
const cache = `${root}.cache/image`;

interface Pin {
  readonly version: string;
  readonly sha256: Readonly<Record<Architecture, string>>;
}

export interface DebianPackage extends Pin {
  readonly name: string;
  /** The `.deb` of an architecture; its hash is the pinned one. */
  fileFor(architecture: Architecture): string;
}

/** The packages by name, downloaded where they are not kept yet. @throws Error where Debian does not serve a pinned one. */
export function debianPackages(): readonly DebianPackage[] {
  const pins: Readonly<Record<string, Pin>> = JSON.parse(readFileSync(pinFile, "utf8"));
  const packages = Object.entries(pins).map(([name, pin]) => ({ name, ...pin, fileFor: keptFile(pin) }));
  const absent = packages.flatMap(({ name, version, sha256, fileFor }) =>
    architectures
      .filter((architecture) => !existsSync(fileFor(architecture)))
      .map((architecture) => ({ wish: `${name}:${architecture}=${version}`, sha256: sha256[architecture] })),
  );
  if (absent.length === 0) return packages;
  const downloaded = download(absent.map(({ wish }) => wish));
  for (const { wish, sha256 } of absent) {
    const file = downloaded.get(sha256);
    if (file === undefined)
      throw new Error(`${wish} of Debian has another hash than ${sha256} in ${pinFile}`);
    renameSync(file, `${cache}/${sha256}.deb`);
  }
  return packages;
}

/** Writes what Debian serves now into the pins, for the same packages. */
export function updatePins(): void {
  const names = Object.keys(JSON.parse(readFileSync(pinFile, "utf8")));
  const wishes = names.flatMap((name) => architectures.map((architecture) => `${name}:${architecture}`));
  const files = [...download(wishes)].map(([sha256, file]) => ({ sha256, fields: fieldsOf(file) }));
  const pinned = names.map((name) => {
    const own = files.filter(({ fields }) => fields.Package === name);
    const versions = new Set(own.map(({ fields }) => fields.Version));
    if (versions.size !== 1) throw new Error(`${name} has not the same version everywhere: ${[...versions]}`);
    return [
      name,
      {
        version: [...versions][0],
        sha256: Object.fromEntries(own.map(({ fields, sha256 }) => [fields.Architecture, sha256])),
      },
    ];
  });
  writeFileSync(pinFile, `${JSON.stringify(Object.fromEntries(pinned), null, 2)}\n`);
}

/** Takes files, by their paths in the package, into a folder. */
export function unpack(file: string, paths: readonly string[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  const tree = run("dpkg-deb", ["--fsys-tarfile", file]);
  run("tar", ["-x", "-C", folder, ...paths.map((path) => `./${path}`)], { input: tree });
}

const keptFile = (pin: Pin) => (architecture: Architecture) => `${cache}/${pin.sha256[architecture]}.deb`;

/**
 * By apt, which checks Debian's signatures, with a state of its own: the machine's stays as it is, and
 * takes no foreign architecture. @returns the files by their hash
 */
function download(wishes: readonly string[]): Map<string, string> {
  const folder = `${cache}/apt`;
  rmSync(folder, { recursive: true, force: true });
  for (const part of ["lists/partial", "archives/partial", "downloaded"]) {
    mkdirSync(`${folder}/${part}`, { recursive: true });
  }
  const signed = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";
  writeFileSync(
    `${folder}/sources.list`,
    [
      `deb ${signed} http://deb.debian.org/debian ${SUITE} main`,
      `deb ${signed} http://deb.debian.org/debian-security ${SUITE}-security main`,
      "",
    ].join("\n"),
  );
  writeFileSync(
    `${folder}/apt.conf`,
    `Dir::State "${folder}"; Dir::State::status "/dev/null"; Dir::Cache "${folder}";
Dir::Etc::sourcelist "${folder}/sources.list"; Dir::Etc::sourceparts "-";
APT::Architecture "amd64"; APT::Architectures { "amd64"; "arm64"; }; APT::Sandbox::User "root";
Acquire::Languages "none"; Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
`,
  );
  const options = { cwd: `${folder}/downloaded`, env: { APT_CONFIG: `${folder}/apt.conf` } };
  run("apt-get", ["-qq", "update"], options);
  run("apt-get", ["-qq", "download", ...wishes], options);
  const files = readdirSync(options.cwd).map((name) => `${options.cwd}/${name}`);
  return new Map(files.map((file) => [createHash("sha256").update(readFileSync(file)).digest("hex"), file]));
}

function fieldsOf(file: string): Record<string, string> {
  const lines = run("dpkg-deb", ["--field", file, "Package", "Version", "Architecture"]).toString().trim();
  return Object.fromEntries(lines.split("\n").map((line) => line.split(": ")));
}

/** @throws Error with what it said. */
function run(
  program: string,
  args: readonly string[],
  { input, cwd, env }: { input?: Buffer; cwd?: string; env?: Record<string, string> } = {},
): Buffer {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    maxBuffer: 256 * 1024 * 1024,
    ...(input === undefined ? {} : { input }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr}`);
}
